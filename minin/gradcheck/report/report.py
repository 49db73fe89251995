"""The report: verdict, which, where, what, smallest case, trust, next; at most 25 lines."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass, field
from typing import Any

from minin.errors import UnknownNameError
from minin.gradcheck.report.finding import Finding, GradientError, Line, Note, Ruler
from minin.gradcheck.report.wrong_map import picture

LEVELS = ("verdict", "where", "what", "fix")
WIDTH, LINES = 78, 25
RED, GREEN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        title: the operation, and at which shapes it was checked.
        findings: what is wrong, empty if nothing is.
        notes: what is worth knowing and no failure.
        lines: one an argument.
        ruler: how far the measurements can be trusted.
        op: the operation, if it was recognised.
        feedback: how much ``str`` gives away.
        seconds: how long the check took.
        localised: on a graph, which rule was found to be the first wrong one.
    """

    title: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    lines: tuple[Line, ...]
    ruler: Ruler
    op: str | None = None
    feedback: str = "fix"
    seconds: float = 0.0
    localised: str = ""
    settings: str = field(default="")

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __bool__(self) -> bool:
        """Return `ok`, so that ``assert check(...)`` works."""
        return self.ok

    def raise_if_failed(self) -> Report:
        """Return the report itself if it is ok.

        Raises:
            GradientError: if it is not; the message is the report.
        """
        if not self.ok:
            raise GradientError(str(self))
        return self

    def points(self, most: float) -> float:
        """Return the points this is worth: ``most``, or the share of right gradients."""
        if self.ok:
            return float(most)
        whole = {"forward", "backward"} & {f.argument for f in self.findings}
        if whole or not self.lines:
            return 0.0
        wrong = {f.argument for f in self.findings}
        right = sum(line.ok and line.argument not in wrong for line in self.lines)
        return float(most) * right / len(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain Python values, ready for JSON."""
        return {
            "ok": self.ok, "title": self.title, "op": self.op, "seconds": self.seconds,
            "findings": [f.to_dict() for f in self.findings],
            "notes": [vars(n) for n in self.notes],
            "arguments": [vars(line) for line in self.lines],
            "ruler": str(self.ruler), "localised": self.localised,
        }  # fmt: skip

    def text(
        self, ascii: bool = True, feedback: str | None = None, colour: bool | None = False
    ) -> str:
        """Return the report in words.

        Args:
            ascii: draw with ASCII characters only.
            feedback: "verdict", "where", "what" or "fix": how much it gives away; None for
                the report's own.
            colour: mark the verdict with a terminal's colours; None if stdout is a terminal.

        Raises:
            UnknownNameError: if ``feedback`` is none of the four.
        """
        level = self.feedback if feedback is None else feedback
        if level not in LEVELS:
            raise UnknownNameError.among("feedback", level, LEVELS)
        written = "\n".join(_Writer(self, LEVELS.index(level), ascii).lines())
        if colour is None:
            colour = sys.stdout.isatty()
        if colour:
            written = written.replace("FAILED", f"{RED}FAILED{PLAIN}")
            written = written.replace("WRONG", f"{RED}WRONG{PLAIN}")
            written = written.replace("PASSED", f"{GREEN}PASSED{PLAIN}")
        return written

    def __str__(self) -> str:
        """Return the report in words, as much of it as its dial says."""
        return self.text()

    def _repr_html_(self) -> str:
        from minin.gradcheck.report.html import page

        return page(self)


class _Writer:
    """Puts a report into lines, and sees to it that there are not too many."""

    def __init__(self, report: Report, level: int, ascii_only: bool) -> None:
        self.report, self.level, self.ascii = report, level, ascii_only

    def lines(self) -> list[str]:
        """Return all lines: shorter forms are tried until they fit."""
        for maps, details in ((1, 9), (1, 2), (1, 1), (0, 1), (0, 0)):
            found = self._all(maps, details)
            if len(found) <= LINES:
                return found
        return [*found[: LINES - 1], "  ..."]

    def _all(self, maps: int, details: int) -> list[str]:
        report = self.report
        found = self._title()
        told = 0
        for finding in report.findings:
            if finding.argument not in {line.argument for line in report.lines}:
                found += [self._cut(f"  {finding.argument}  WRONG"), *self._details(finding, 0)]
        for line in report.lines:
            wrong = [f for f in report.findings if f.argument == line.argument]
            found.append(self._verdict(line, max(wrong, key=lambda f: f.count, default=None)))
            for finding in wrong:
                if told < details:
                    found += self._details(finding, maps if told == 0 else 0)
                    told += 1
        found += self._notes()
        found += self._wrapped("ruler", str(report.ruler), 1 if details < 2 else 2)
        return found + self._next()

    def _title(self) -> list[str]:
        report = self.report
        names = {line.argument for line in report.lines}
        bad = {f.argument for f in report.findings if f.argument in names}
        count = f"  {len(bad)} of {len(names)} gradients" if bad else ""
        verdict = "PASSED" if report.ok else f"FAILED{count}"
        if report.findings and all(_unsure(f) for f in report.findings):
            verdict = "NOT MEASURED"
        if len(report.title) + len(verdict) + 2 <= WIDTH:
            return [f"{report.title}  {verdict:>{WIDTH - len(report.title) - 2}}"]
        return [self._cut(report.title), f"{verdict:>{WIDTH}}"]

    def _verdict(self, line: Line, finding: Finding | None) -> str:
        name = f"  {_gradient_name(line.argument)}"
        if finding is None:
            tail = f"{line.judged} numbers, max rel err {line.error:.0e}"
            if not line.judged and line.size:
                sampled = not self.report.ruler.dense
                tail = f"{line.size} numbers along random directions" if sampled else "none judged"
            if line.kinks:
                tail += f", {line.kinks} on kinks"
            return self._cut(f"{name}  ok     {tail}")
        if _unsure(finding):
            return self._cut(f"{name}  not measured")
        if self.level < 1 or not finding.judged:
            return self._cut(f"{name}  WRONG")
        return self._cut(f"{name}  WRONG  {finding.count} of {finding.judged}")

    def _details(self, finding: Finding, maps: int) -> list[str]:
        found: list[str] = []
        if self.level >= 1:
            found += self._wrapped("where", finding.where, 2) if finding.where else []
            partly = finding.wrong is not None and 0 < finding.count < finding.judged
            if maps and partly and finding.wrong is not None:
                found += [
                    self._cut(f"             {row}") for row in picture(finding.wrong, self.ascii)
                ]
        if self.level >= 2:
            like = "" if finding.certain else "looks like "
            tag = f"   {like}[{finding.bug}]" if finding.bug else ""
            found += self._wrapped("what", finding.what + tag, 3)
            if finding.runner_up:
                found += self._wrapped("or", finding.runner_up, 1)
        if self.level >= 3:
            found += self._wrapped("so", finding.so, 3) if finding.so else []
        if self.level >= 2:
            for number, row in enumerate(finding.case[:3]):
                found += [self._cut(f"      {'case' if number == 0 else '    '}   {row}")]
        return found

    def _notes(self) -> list[str]:
        found: list[str] = []
        for note in self.report.notes[:2]:
            tag = f" [{note.bug}]" if note.bug else ""
            found += self._wrapped("note", f"{note.argument}: {note.sentence}{tag}", 2)
        if self.report.localised and self.level >= 1:
            found += self._wrapped("first", self.report.localised, 2)
        return found

    def _next(self) -> list[str]:
        bug = next((f.bug for f in self.report.findings if f.bug), None)
        if bug is None or self.level < 3:
            return []
        return self._wrapped("next", f"minin gradcheck --bug {bug} shows what this bug does", 1)

    def _wrapped(self, label: str, text: str, most: int) -> list[str]:
        indent = "  " if label in ("ruler", "note", "next", "first") else "      "
        room = WIDTH - 13
        rows = textwrap.wrap(" ".join(text.split()), room) or [""]
        if len(rows) > most:
            rows = [*rows[: most - 1], rows[most - 1][: room - 4] + " ..."]
        head = f"{indent}{label}"
        return [
            self._cut(f"{head:<13}{row}" if k == 0 else f"{'':<13}{row}")
            for k, row in enumerate(rows)
        ]

    def _cut(self, row: str) -> str:
        row = row.rstrip()
        if self.ascii:
            row = row.encode("ascii", "replace").decode("ascii")
        return row if len(row) <= WIDTH else row[: WIDTH - 4] + " ..."


def _unsure(finding: Finding) -> bool:
    """Tell whether a finding says that nothing can be said."""
    return finding.what.startswith("could not be measured")


def _gradient_name(argument: str) -> str:
    return f"d{argument}" if len(argument) <= 2 else f"grad of {argument}"
