"""The report: verdict, which, where, what, smallest case, trust, verdict; at most 22 lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minin.errors import UnknownNameError
from minin.gradcheck.repair.result import Repair, rows
from minin.gradcheck.report.finding import Finding, GradientError, Line, Measurement, Note
from minin.gradcheck.report.html import page, report_picture
from minin.gradcheck.report.origins import origins
from minin.gradcheck.report.phrases import (
    can_draw,
    colour_verdicts,
    gradient_name,
    gradient_row,
    note_text,
    tag,
    together,
)
from minin.gradcheck.report.wrong_map import picture
from minin.plots import Drawing
from minin.sentences import DEFAULT, language, sentence, speaking
from minin.text import columns, fit, pad, wrap

LEVELS = ("verdict", "where", "what", "fix")
WIDTH, LINES, SHOWN = 78, 22, 6
OUTER, INNER, TEXT = "  ", "    ", 13  # before a label, before one of a gradient; where texts begin
# What a report has, from all of it to what always fits: maps, findings told in detail, rows of
# right gradients one by one, the smallest case.
SHORTER = ((1, 9, 1, 1), (1, 2, 1, 1), (1, 1, 1, 1), (0, 1, 1, 1), (0, 1, 0, 1), (0, 1, 0, 0),
           (0, 0, 0, 0))  # fmt: skip


@dataclass(frozen=True, repr=False)
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

    @property
    def verdict(self) -> str:
        """The verdict in a few words, as in "FAILED  1 of 3 gradients"."""
        names = {line.argument for line in self.lines}
        bad = {f.argument for f in self.findings if f.argument in names}
        if self.findings and all(f.unmeasured for f in self.findings):
            return sentence("gradcheck.not_measured")
        if bad:
            return sentence("gradcheck.failed_count", wrong=len(bad), total=len(names))
        return sentence("gradcheck.passed" if self.ok else "gradcheck.failed")

    def __repr__(self) -> str:
        """Return the verdict and what is wrong in one line; bugs only from feedback "what" on."""
        name = self.title.split(".backward")[0]
        told = {
            f.argument: f"{gradient_name(f.argument)} [{f.bug}]"
            if f.bug and LEVELS.index(self.feedback) >= 2 else gradient_name(f.argument)
            for f in reversed(self.findings)
        }  # fmt: skip
        with speaking(self.language):
            said = " ".join(self.verdict.split())
        return f"<Report {name} {said}{': ' if told else ''}{', '.join(reversed(told.values()))}>"

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
            ascii = not can_draw()
        if colour is None:
            colour = sys.stdout.isatty()
        with speaking(self.language):
            written = "\n".join(_Writer(self, LEVELS.index(level), ascii).lines())
            return colour_verdicts(written) if colour else written

    def origins(self) -> str:
        """Return where each sentence comes from: who said it, its rank, at how many inputs."""
        with speaking(self.language):
            return "\n".join(origins(self.findings, WIDTH))

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
        for form in SHORTER:
            found = self._all(*form)
            if len(found) < LINES:
                return [*found, self._again()]
        return [*found[: LINES - 2], "  ...", self._again()]

    def _all(self, maps: int, details: int, each: int, case: int) -> list[str]:
        report, repair = self.report, self._repair()
        repaired = {name for r in report.repair for name in r.arguments}
        here = {f.argument for f in report.findings if not f.elsewhere}
        order = [line.argument for line in report.lines if not line.ok]
        home = next((n for n in order if n in repaired & here), *order[:1] or [""])
        found = self._title()
        told = 0
        for finding in report.findings:
            if finding.argument not in {line.argument for line in report.lines}:
                wrong_line = sentence("gradcheck.wrong", gradient=finding.argument)
                found += [self._cut(f"  {wrong_line}"), *self._details(finding, 0, case, [])]
        others: dict[str, list[Finding]] = {}
        known = (f.argument for f in report.findings if f.said and f.bug)
        proved = home if home in repaired else next(known, "")  # what is known is told first
        listed = sorted(report.lines, key=lambda line: line.ok and not each)
        place = next((k for k, line in enumerate(listed) if line.argument in here), 0)
        listed[place:] = sorted(listed[place:], key=lambda line: line.argument != proved)
        for number, line in enumerate(listed):
            wrong = [f for f in report.findings if f.argument == line.argument]
            if not each and (number >= SHOWN or not wrong):
                others[line.argument] = wrong
                continue
            most = max(wrong, key=lambda f: f.count, default=None)
            row = gradient_row(line, most, self.level, report.measured.dense)
            found.append(self._cut(OUTER + row))
            for finding in wrong:
                settled = finding.seen and finding.argument in repaired - {home}
                if told < details and not (settled and self._proved()):
                    own = repair if finding.argument == home else []
                    found += self._details(finding, 0 if told else maps, case, own)
                    told, repair = told + 1, [] if own else repair
        found += repair
        found += [self._cut(OUTER + row) for row in together(others)]
        found += self._notes()
        measured = sentence("labels.measured")
        found += self._wrap(OUTER, measured, str(report.measured), 1 if details < 2 else 3)
        return found + self._next()

    def _title(self) -> list[str]:
        title, verdict = self.report.title, self.report.verdict
        room = WIDTH - columns(title) - 2
        if columns(verdict) <= room:
            return [f"{title}  {pad(verdict, room)}"]
        return [self._cut(title), pad(verdict, WIDTH)]

    def _again(self) -> str:
        """Say the verdict once more, where a terminal's last row shows it."""
        wrong = dict.fromkeys(gradient_name(f.argument) for f in self.report.findings)
        return self._cut(f"{OUTER}{self.report.verdict}{': ' if wrong else ''}{', '.join(wrong)}")

    def _details(self, finding: Finding, maps: int, case: int, repair: list[str]) -> list[str]:
        """Tell of a finding; what is proved goes before what is guessed, or instead of it."""
        proved = self._proved() and bool(repair)
        found = self._places(finding, maps) if self.level >= 1 else []
        found += repair if proved else []
        seen = any(e.kind != "contributions/table" for e in finding.said[:1])
        if self.level >= 2 and (seen or not proved):
            found += self._inner(sentence("labels.what"), tag(finding), 4)
        if self.level >= 2 and (not proved or (finding.certain and seen)):
            found += self._inner(sentence("labels.perhaps"), finding.runner_up, 1)
            found += self._inner(sentence("labels.fix"), finding.fix if self.level >= 3 else "", 3)
        found += [] if proved else repair
        if self.level >= 2 and case:
            found += self._labelled(INNER, sentence("labels.case"), finding.case)
        return found

    def _places(self, finding: Finding, maps: int) -> list[str]:
        """Say and draw where the wrong entries are."""
        wrong = finding.wrong
        drawn = maps and wrong is not None and 0 < finding.count < finding.judged
        rows = picture(wrong, self.ascii) if drawn and wrong is not None else []
        return [
            *self._inner(sentence("labels.where"), finding.where, 2),
            *self._labelled(INNER, "", rows),
        ]

    def _notes(self) -> list[str]:
        found: list[str] = []
        for note in self.report.notes[:2]:
            found += self._wrap(OUTER, sentence("labels.note"), note_text(note), 2)
        if self.report.localised and self.level >= 1:
            found += self._wrap(OUTER, sentence("labels.first"), self.report.localised, 2)
        return found

    def _proved(self) -> bool:
        """Tell whether the change of the caller's code holds at other sizes than the caller's."""
        return bool(self.report.repair) and not any(r.sizes_only for r in self.report.repair)

    def _repair(self) -> list[str]:
        """Write the change of the caller's code that helps, as much of it as the level allows."""
        report = self.report
        if self.level < 1:
            return []
        told = rows(report.repair, self.level, WIDTH - TEXT)
        told = [sentence(report.no_repair)] if report.no_repair and not told else told
        return self._labelled(INNER, sentence("labels.repair"), told)

    def _next(self) -> list[str]:
        known = (f.bug for f in self.report.findings if f.bug and (f.certain or not self._proved()))
        bug = next(known, None)
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
        return self._labelled(indent, label, rows)

    def _labelled(self, indent: str, label: str, rows: Sequence[str]) -> list[str]:
        heads = [indent + label] + [""] * len(rows)
        return [self._cut(pad(h, -TEXT) + row) for h, row in zip(heads, rows, strict=False)]

    def _cut(self, row: str) -> str:
        row = row.rstrip()
        if self.ascii and language() == DEFAULT:
            row = row.encode("ascii", "replace").decode("ascii")
        return row if columns(row) <= WIDTH else fit(row, WIDTH - 4) + " ..."
