"""`minin gradcheck --bug ID`: what a bug of the catalogue looks like; `--list`: all names."""

from __future__ import annotations

from itertools import islice

from minin import models
from minin.cli.console import say
from minin.cli.gradcheck.samples import SAMPLES
from minin.errors import UnknownNameError
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.check import check_backward
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.report import Report
from minin.zoo.equivalence import telling
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS

MOST = 25  # lines, the head among them
DRAWS = 5

# Where a bug is at home, if that is not the first of these.
USUAL = ("conv2d", "max_pool2d", "linear", "softmax_cross_entropy", "relu")
HOME = {
    "A1": "softmax_cross_entropy",
    "A3": "global_avg_pool2d",
    "A4": "avg_pool2d",
    "A6": "softmax_cross_entropy",
    "A9": "linear",
    "A11": "relu",
    "A12": "relu",
    "B1": "linear",
    "B2": "linear",
    "B5": "conv1x1",
    "B7": "conv2d",
    "C2": "take",
    "E8": "relu",
    "G1": "conv2d",
    "G5": "linear",
    "H10": "linear",
}


def show_bug(name: str, seed: int = 0, ascii_only: bool = False) -> int:
    """Print the sentence of a bug, and a report on a program that has it.

    Raises:
        UnknownNameError: if the catalogue has no such id.
    """
    bug = BUGS.get(name.upper())
    if bug is None:
        raise UnknownNameError.among("bug", name, BUGS)
    say(bug.id, f"{bug.name}: {bug.text}")
    print()
    head = 2 + len(f"{bug.name}: {bug.text}") // 60 + 1  # no more than this
    lines = (
        report_on(natural(bug.id), seed).text(ascii=ascii_only or None, colour=None).splitlines()
    )
    lines = [line for line in lines if not line.startswith("  next ")]  # it would lead back here
    print("\n".join(lines[: MOST - head]))
    return 0


def natural(bug: str) -> Mutant:
    """Choose the program in which a bug is met most often.

    Example:
        >>> natural("C1").op
        'conv2d'
    """
    found = [m for m in MUTANTS if m.bug.id == bug]
    order = (HOME.get(bug, ""), *USUAL)
    return min(found, key=lambda m: order.index(m.op) if m.op in order else len(order))


def report_on(mutant: Mutant, seed: int) -> Report:
    """Check a mutant at the drawing, of several, at which the report shows its bug best."""
    best: Report | None = None
    for inputs, params in islice(telling(mutant, seed), DRAWS):
        names = REFERENCES[mutant.op].arguments
        made = mutant.make()
        report = check_backward(*made, inputs, mutant.op, params, names, seed, repair=False)
        if best is None or clarity(report, mutant) > clarity(best, mutant):
            best = report
        if clarity(best, mutant) == CLEAR:
            break
    assert best is not None  # every draw tries to make its bug show
    return best


def clarity(report: Report, mutant: Mutant) -> int:
    """Say how well a report shows a bug: 1 for its name, 2 more for a map with right entries."""
    named = {f.bug for f in report.findings[:1]} | {n.bug for n in report.notes}
    partly = any(0 < f.count < f.judged for f in report.findings) or report.ok
    return (mutant.bug.id in named) + 2 * partly


CLEAR = 3


def show_names() -> int:
    """Print ops, networks, what --op takes, and every bug with its name."""
    say("ops", ", ".join(SAMPLES))
    say("networks", ", ".join(models.names()))
    say("--op", ", ".join(REFERENCES))
    for number, bug in enumerate(BUGS.values()):
        say("" if number else "bugs", f"{bug.id:<4}{bug.name}")
    return 0
