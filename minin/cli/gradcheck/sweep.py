"""`minin gradcheck`: every op and every network, on every array library that is here."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from minin import models
from minin.cli.bars import Bar
from minin.cli.console import say, show
from minin.cli.gradcheck.samples import SAMPLES
from minin.cli.gradcheck.subjects import LIBRARIES, SweepSubject, networks, operations
from minin.errors import UnknownNameError
from minin.gradcheck.measure.directions import TOLERANCE
from minin.gradcheck.report.report import Report
from minin.sentences import sentence

HEADER = (
    f"{'op':<17} {'library':<7} {'rules':<5} {'entries':>7} {'kinks':>5} {'worst':>7}"
    f" {'seconds':>7}"
)
TOLD = 3  # reports of failures that are printed in full


@dataclass(frozen=True)
class SweepRow:
    """One line of the table: what all checks of one subject found together.

    Attributes:
        subject: what was checked.
        reports: one for each sample.
        seconds: for all of them.
    """

    subject: SweepSubject
    reports: tuple[Report, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(self.reports)

    @property
    def directional(self) -> bool:
        """Whether numbers were moved all together, since there are too many to move each."""
        return not all(report.measured.dense for report in self.reports)

    def count(self, what: str) -> int:
        """Add up "judged" or "kinks" over all arguments and samples."""
        return sum(getattr(line, what) for report in self.reports for line in report.lines)

    @property
    def error(self) -> float:
        """The worst relative error; along directions only a bound is known."""
        errors = [line.error for report in self.reports for line in report.lines]
        return max([*errors, TOLERANCE if self.directional else 0.0])

    def __str__(self) -> str:
        entries = f"{self.count('judged')}{'+' if self.directional else ''}"
        worst = f"{'<' if self.directional else ''}{self.error:.0e}"
        line = (
            f"{self.subject.name:<17} {self.subject.library:<7} {self.subject.rules:<5}"
            f" {entries:>7} {self.count('kinks'):>5} {worst if self.ok else 'WRONG':>7}"
            f" {self.seconds:7.1f}"
        )
        return line if self.ok else f"{line}  <--"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain Python values, the reports of failures in full."""
        return {
            "name": self.subject.name, "library": self.subject.library,
            "rules": self.subject.rules, "ok": self.ok, "entries": self.count("judged"),
            "directional": self.directional, "kinks": self.count("kinks"),
            "error": self.error, "seconds": round(self.seconds, 3),
            "failures": [report.to_dict() for report in self.reports if not report.ok],
        }  # fmt: skip


def sweep(args: argparse.Namespace) -> int:
    """Check all that was asked for; print a row for each as it is done.

    Raises:
        UnknownNameError: if a name is neither an op's nor a network's.
        BackendUnavailableError: if the array library that was asked for cannot be used.
    """
    subjects = list(_chosen(args.names, args.networks, args.library))
    rows = []
    with _Table(len(subjects), quiet=args.json) as table:
        for subject in subjects:
            table.begin(subject)
            rows.append(checked(subject, args.seed))
            table.end(rows[-1])
    if args.json:
        print(json.dumps([row.to_dict() for row in rows], indent=1, default=str))
    else:
        _conclude(rows, args)
    return 0 if all(row.ok for row in rows) else 1


def checked(subject: SweepSubject, seed: int) -> SweepRow:
    """Check one subject at all of its samples."""
    started = time.perf_counter()
    reports = tuple(subject.reports(seed))
    return SweepRow(subject, reports, time.perf_counter() - started)


def _chosen(
    names: Sequence[str], wanted: bool | None, library: str | None
) -> Iterator[SweepSubject]:
    """Yield what is to be checked: ops library by library, then the networks."""
    known = [*SAMPLES, *models.names()]
    for name in names:
        if name not in known:
            raise UnknownNameError.among("op or network", name, known)
    ops = [name for name in SAMPLES if name in names or not names]
    nets = [name for name in models.names() if name in names]
    if wanted is not None or not names:
        nets = nets or models.names() if wanted is not False else []
    for place in LIBRARIES.usable(library):
        for name in ops:
            yield from operations(name, place)
        for name in nets:
            yield networks(name, place)


def _conclude(rows: Sequence[SweepRow], args: argparse.Namespace) -> None:
    """Print the verdict, and the reports of the first failures."""
    wrong = [row for row in rows if not row.ok]
    print()
    if any(row.directional for row in rows):
        say("+", sentence("gradcheck.swept_along"))
    for row in wrong[:TOLD]:
        for report in [r for r in row.reports if not r.ok][:1]:
            print(report.text(args.ascii or None, args.feedback, None))
            print()
    seconds = sum(row.seconds for row in rows)
    total = sum(row.count("judged") for row in rows)
    if wrong:
        names = ", ".join(dict.fromkeys(row.subject.name for row in wrong))
        told = sentence("gradcheck.swept_wrong", wrong=len(wrong), total=len(rows), names=names)
        say("WRONG", told)
    else:
        numbers, time_taken = f"{total:,}", f"{seconds:.0f}"
        say("ok", sentence("gradcheck.swept", count=len(rows), numbers=numbers, seconds=time_taken))


class _Table(Bar):
    """Prints rows as they come; on a terminal, a bar below them says what is being done."""

    def __init__(self, total: int, quiet: bool) -> None:
        super().__init__(quiet)
        self.quiet, self.total, self.done = quiet, total, 0
        if not quiet:
            show([HEADER])

    def begin(self, subject: SweepSubject) -> None:
        """Say what is being checked."""
        self.move(0, total=self.total, initial=self.done, desc=f"{subject.name:<17}")

    def end(self, row: SweepRow) -> None:
        """Print what was found."""
        self.close()
        self.done += 1
        if not self.quiet:
            show([str(row)])
