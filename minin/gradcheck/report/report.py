"""The report: verdict, which, where, what, smallest case, trust, next; at most 25 lines."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from minin.errors import UnknownNameError
from minin.gradcheck.repair.result import Repair, rows
from minin.gradcheck.report.finding import Finding, GradientError, Line, Measurement, Note
from minin.gradcheck.report.html import marks, page, report_picture
from minin.gradcheck.report.wrong_map import picture
from minin.plots import Drawing
from minin.sentences import DEFAULT, language, sentence, speaking
from minin.text import columns, fit, pad, wrap

LEVELS = ("verdict", "where", "what", "fix")
WIDTH, LINES = 78, 25
OUTER, INNER, TEXT = "  ", "    ", 13  # before a label, before one of a gradient; where texts begin
DRAWN = "\u25a0\u00b7"  # the characters of a map
ANSI, PLAIN = {"red": "\x1b[31m", "green": "\x1b[32m"}, "\x1b[0m"


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        title: the operation, and at which shapes it was checked.
        findings: what is wrong, empty if nothing is.
        notes: what is worth knowing and no failure.
        lines: one an argument.
        measured: how far the measurements can be trusted.
        op: the operation, if it was recognised.
        feedback: how much ``str`` gives away.
        seconds: how long the check took.
        localised: on a graph, which rule was found to be the first wrong one.
        language: of its sentences.
        repair: changes of the caller's own code that make wrong gradients right.
        no_repair: why none was searched, the key of a sentence.
    """

    title: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    lines: tuple[Line, ...]
    measured: Measurement
    op: str | None = None
    feedback: str = "fix"
    seconds: float = 0.0
    localised: str = ""
    language: str = DEFAULT
    repair: tuple[Repair, ...] = ()
    no_repair: str = ""

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
        with speaking(self.language):
            measured = str(self.measured)
        return {
            "ok": self.ok, "title": self.title, "op": self.op, "seconds": self.seconds,
            "findings": [f.to_dict() for f in self.findings],
            "notes": [vars(n) for n in self.notes],
            "arguments": [vars(line) for line in self.lines],
            "measured": measured, "localised": self.localised,
            "repair": [r.to_dict() for r in self.repair],
        }  # fmt: skip

    def text(
        self, ascii: bool | None = True, feedback: str | None = None, colour: bool | None = False
    ) -> str:
        """Return the report in words.

        Args:
            ascii: use ASCII characters only; None if stdout can print no others. Another language
                than English keeps its letters.
            feedback: "verdict", "where", "what" or "fix": how much it gives away; None for
                the report's own.
            colour: mark the verdict with a terminal's colours; None if stdout is a terminal.

        Raises:
            UnknownNameError: if ``feedback`` is none of the four.
        """
        level = self.feedback if feedback is None else feedback
        if level not in LEVELS:
            raise UnknownNameError.among("feedback", level, LEVELS)
        if ascii is None:
            ascii = not _can_draw()
        if colour is None:
            colour = sys.stdout.isatty()
        with speaking(self.language):
            written = "\n".join(_Writer(self, LEVELS.index(level), ascii).lines())
            return _colour(written) if colour else written

    def __str__(self) -> str:
        """Return the report in words, as much of it as `feedback` says."""
        return self.text()

    def picture(self) -> Drawing:
        """Draw the report in colour; ``svg()`` of that is a file's text."""
        with speaking(self.language):
            return report_picture(self.text(), self.title)

    def _repr_html_(self) -> str:
        with speaking(self.language):
            return page(self.text(), self.ok, self.feedback, self.findings)


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
                wrong_line = sentence("gradcheck.wrong", gradient=finding.argument)
                found += [self._cut(f"  {wrong_line}"), *self._details(finding, 0)]
        for line in report.lines:
            wrong = [f for f in report.findings if f.argument == line.argument]
            found.append(self._verdict(line, max(wrong, key=lambda f: f.count, default=None)))
            for finding in wrong:
                if told < details:
                    found += self._details(finding, maps if told == 0 else 0)
                    told += 1
        found += self._repair()
        found += self._notes()
        measured = sentence("labels.measured")
        found += self._wrap(OUTER, measured, str(report.measured), 1 if details < 2 else 2)
        return found + self._next()

    def _title(self) -> list[str]:
        report = self.report
        names = {line.argument for line in report.lines}
        bad = {f.argument for f in report.findings if f.argument in names}
        verdict = sentence("gradcheck.passed" if report.ok else "gradcheck.failed")
        if bad:
            verdict = sentence("gradcheck.failed_count", wrong=len(bad), total=len(names))
        if report.findings and all(f.unmeasured for f in report.findings):
            verdict = sentence("gradcheck.not_measured")
        room = WIDTH - columns(report.title) - 2
        if columns(verdict) <= room:
            return [f"{report.title}  {pad(verdict, room)}"]
        return [self._cut(report.title), pad(verdict, WIDTH)]

    def _verdict(self, line: Line, finding: Finding | None) -> str:
        name = _gradient_name(line.argument)
        if finding is None:
            text = sentence("gradcheck.ok", gradient=name, tail=self._count_judged(line))
        elif finding.unmeasured:
            text = sentence("gradcheck.unmeasured", gradient=name)
        elif self.level < 1 or not finding.judged:
            text = sentence("gradcheck.wrong", gradient=name)
        else:
            count, total = finding.count, finding.judged
            text = sentence("gradcheck.wrong_count", gradient=name, count=count, total=total)
        return self._cut(f"  {text}")

    def _count_judged(self, line: Line) -> str:
        """Say how many numbers of a right gradient were compared, and how."""
        if line.judged or not line.size:
            tail = sentence("gradcheck.judged", count=line.judged, error=f"{line.error:.0e}")
        elif self.report.measured.dense:
            tail = sentence("gradcheck.none_judged")
        else:
            tail = sentence("gradcheck.along_directions", count=line.size)
        return sentence("gradcheck.on_kinks", tail=tail, count=line.kinks) if line.kinks else tail

    def _details(self, finding: Finding, maps: int) -> list[str]:
        found: list[str] = []
        if self.level >= 1:
            found += self._inner(sentence("labels.where"), finding.where, 2)
            partly = finding.wrong is not None and 0 < finding.count < finding.judged
            if maps and partly and finding.wrong is not None:
                found += [
                    self._cut(f"             {row}") for row in picture(finding.wrong, self.ascii)
                ]
        if self.level >= 2:
            found += self._inner(sentence("labels.what"), _tag(finding), 3)
            found += self._inner(sentence("labels.perhaps"), finding.runner_up, 1)
        if self.level >= 3:
            found += self._inner(sentence("labels.fix"), finding.fix, 3)
        if self.level >= 2:
            for number, row in enumerate(finding.case[:3]):
                label = sentence("labels.case") if number == 0 else ""
                found += [self._cut(f"{pad(INNER + label, -TEXT)}{row}")]
        return found

    def _notes(self) -> list[str]:
        found: list[str] = []
        for note in self.report.notes[:2]:
            found += self._wrap(OUTER, sentence("labels.note"), _note_text(note), 2)
        if self.report.localised and self.level >= 1:
            found += self._wrap(OUTER, sentence("labels.first"), self.report.localised, 2)
        return found

    def _repair(self) -> list[str]:
        """Write the change of the caller's code that helps, as much of it as the level allows."""
        report = self.report
        if self.level < 1:
            return []
        told = rows(report.repair, self.level, WIDTH - TEXT)
        told = [sentence(report.no_repair)] if report.no_repair and not told else told
        heads = [OUTER + sentence("labels.repair")] + [""] * len(told)
        return [self._cut(pad(h, -TEXT) + row) for h, row in zip(heads, told, strict=False)]

    def _next(self) -> list[str]:
        bug = next((f.bug for f in self.report.findings if f.bug), None)
        if bug is None or self.level < 3:
            return []
        return self._wrap(OUTER, sentence("labels.next"), sentence("gradcheck.next", bug=bug), 1)

    def _inner(self, label: str, text: str, most: int) -> list[str]:
        """Write a detail of a gradient; nothing if there is nothing to say."""
        return self._wrap(INNER, label, text, most) if text else []

    def _wrap(self, indent: str, label: str, text: str, most: int) -> list[str]:
        room = WIDTH - TEXT
        rows = wrap(" ".join(text.split()), room) or [""]
        if len(rows) > most:
            rows = [*rows[: most - 1], fit(rows[most - 1], room - 4) + " ..."]
        heads = [indent + label] + [""] * len(rows)
        return [self._cut(pad(h, -TEXT) + row) for h, row in zip(heads, rows, strict=False)]

    def _cut(self, row: str) -> str:
        row = row.rstrip()
        if self.ascii and language() == DEFAULT:
            row = row.encode("ascii", "replace").decode("ascii")
        return row if columns(row) <= WIDTH else fit(row, WIDTH - 4) + " ..."


def _can_draw() -> bool:
    """Tell whether stdout can print the characters of a map."""
    try:
        DRAWN.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _colour(written: str) -> str:
    """Mark the verdicts with a terminal's colours."""
    for word, colour in marks().items():
        written = written.replace(word, f"{ANSI[colour]}{word}{PLAIN}")
    return written


def _tag(finding: Finding) -> str:
    if not finding.bug:
        return finding.what
    if finding.certain:
        return sentence("gradcheck.tagged", what=finding.what, bug=finding.bug)
    return sentence("gradcheck.tagged_like", what=finding.what, bug=finding.bug)


def _note_text(note: Note) -> str:
    if note.bug is None:
        return sentence("gradcheck.note", argument=note.argument, note=note.sentence)
    return sentence(
        "gradcheck.note_tagged", argument=note.argument, note=note.sentence, bug=note.bug
    )


def _gradient_name(argument: str) -> str:
    if len(argument) <= 2:
        return sentence("gradcheck.short_gradient", argument=argument)
    return sentence("gradcheck.gradient", argument=argument)
