"""Writes docs/who-catches-what.md from the record; nothing on the page is written by hand."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.mutants import MUTANTS
from tools.who_catches_what.measure import ROOT, STYLES
from tools.who_catches_what.program import DRAWS, name_of

PAGE = ROOT / "docs" / "who-catches-what.md"
CONVENTIONS = {m.bug.id for m in MUTANTS if m.convention}

HEAD = f"""\
# Who catches what

Made by `python -m tools.who_catches_what` from the record beside it,
[who-catches-what.json](who-catches-what.json); nothing here is written by hand.

{{wrong}} wrong backwards, {{bugs}} kinds of bug, put before the gradient checks that people use.
Every check gets the same programs at the same inputs: {DRAWS} drawings for each program, at which
the bug does show (unequal axes, overlapping windows, ties where ties matter). So this compares
checks, not the shapes that an exercise happens to choose. A program counts as caught if the check
rejects it, or stops with an error, at most of the drawings.

The checks of courses are written again here from their published descriptions, in our own words;
the rows say "in the style of" for that reason. The three libraries are the real ones.
"""

TOTALS = """\
## Totals

*Programs* are single wrong backwards; *bugs* are kinds, counted if every program with that bug is
caught. *False alarms* are right programs that are rejected: {right} of them, {quiet} at awkward
places (a number at a kink, a tie, a steep slope), where the right verdict is to pass. *Cause* is
how many of all wrong programs are not only rejected but told what is wrong with them; "they
differ" does not count as a cause.

| check | programs caught | bugs caught | false alarms | cause named |
|---|---|---|---|---|
"""

TABLE = """\
## Bug by bug

`yes`: every program with this bug is caught; `-`: none is; `2/3`: two of three are. The last
column says for how many of them minin names this very cause. The bugs marked * are no bugs but
legitimate conventions, or right programs at places where a careless difference misleads: there
`passes` is right, and `accused` is a false alarm.
"""

FAIR = """\
## What each is good at

A check that never catches some row is not a bad check; most were made for something else.

- The course checks in this table are a page of code that a student can read in one go, and that
  is their point. Comparing every number with a random upstream gradient, as CS231n and dlsys
  have it, finds nearly everything that changes a number.
- Ten sampled numbers cost the same for ten weights and for ten million. That is what the sparse
  check is for: whole networks, and errors that touch every number.
- minitorch checks every operator on many small drawn tensors. What one drawing misses, a hundred
  may find, and a single drawing is what is counted here. Its sum of the outputs sends ones
  into backward, so whatever depends on *which* slope came in stays hidden.
- One norm over all parameters, as Coursera has it, gives a beginner one number to look at, and
  a threshold that is easily remembered.
- PyTorch's gradcheck measures the whole Jacobian, calls backward twice and tries undefined
  gradients, so it also sees gradients that pile up from call to call (A9). Its slopes are one 1
  among zeros, whose square is the same (A12; `fast_mode=True` sends random ones). Gradients that
  lack the sum over a broadcast axis (G2, G3) pass because its engine adds them up: there,
  nothing is wrong any more.
- JAX and HIPS autograd use one random direction for all numbers at once. That takes two calls
  of the function, whatever its size, and still meets nearly every wrong number. They fit large
  functions best. An array library that never writes in place has no use for questions about
  shared memory (H1, H2, H3), and JAX does not ask them.
- All three libraries check forward mode and second derivatives as well; minin checks neither.
- minin repeats calls, changes the order of memory, moves the inputs to other shapes and compares
  with known mistakes. That costs more calls than any of the others, and it has to be told, or
  to find out, which operation it looks at. It was made together with these programs, so its
  column is a test that it passes and not an independent score; the programs that strangers wrote,
  in the tests, are that.

What no comparison of slopes can see, minin's included: a forward that is wrong in the same way as
its backward.
"""


def page(record: Mapping[str, Any]) -> str:
    """Write the page.

    Args:
        record: as `tools.who_catches_what.measure.read` returns it.
    """
    wrong = [m for m in MUTANTS if not m.convention]
    head = HEAD.format(wrong=len(wrong), bugs=len(BUGS) - len(CONVENTIONS))
    quiet = len(MUTANTS) - len(wrong)
    totals = TOTALS.format(right=len(REFERENCES) + quiet, quiet=quiet)
    parts = [head, totals + "".join(_totals(record)), TABLE]
    parts += ["".join(_rows(record)), FAIR, "".join(_how(record))]
    return "\n".join(parts)


def caught(answers: str) -> bool:
    """Say whether most drawings were rejected.

    Example:
        >>> caught("110"), caught("002")
        (True, False)
    """
    return 2 * sum(a != "0" for a in answers) > len(answers)


def _names(bug: str) -> list[str]:
    return [name_of(m) for m in MUTANTS if m.bug.id == bug]


def _totals(record: Mapping[str, Any]) -> Iterator[str]:
    wrong = [name_of(m) for m in MUTANTS if not m.convention]
    right = [name_of(m) for m in MUTANTS if m.convention] + [f"right {op}" for op in REFERENCES]
    for style, found in record.items():
        answers = found["answers"]
        programs = sum(caught(answers[name]) for name in wrong)
        kinds = [bug for bug in BUGS if bug not in CONVENTIONS]
        bugs = sum(all(caught(answers[n]) for n in _names(bug)) for bug in kinds)
        alarms = sum(caught(answers[name]) for name in right)
        cause = "none"
        if style == "minin":
            named = sum(_named(answers[name]) for name in wrong)
            cause = _of(named, len(wrong))
        yield (
            f"| {STYLES[style].label} | {_of(programs, len(wrong))} | {bugs} of {len(kinds)} "
            f"| {alarms} of {len(right)} | {cause} |\n"
        )


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)"


def _named(answers: str) -> bool:
    return 2 * answers.count("2") > len(answers)


def _rows(record: Mapping[str, Any]) -> Iterator[str]:
    titles = [STYLES[style].title for style in record]
    yield f"| bug | {' | '.join(titles)} | cause |\n|---{'|---' * len(titles)}|---|\n"
    for bug in BUGS.values():
        names = _names(bug.id)
        star = "*" if bug.id in CONVENTIONS else ""
        cells = [_cell(bug.id, [found["answers"][n] for n in names]) for found in record.values()]
        yield f"| {bug.id}{star} {_plain(bug.name)} | {' | '.join(cells)} "
        yield f"| {_cause(record, bug.id, names)} |\n"


def _plain(text: str) -> str:
    """Keep Markdown from reading signs in a bug's name."""
    return f"`{text}`" if any(sign in text for sign in "[]*_") else text


def _cell(bug: str, answers: list[str]) -> str:
    count = sum(map(caught, answers))
    if bug in CONVENTIONS:
        return "passes" if not count else "accused"
    return "yes" if count == len(answers) else "-" if not count else f"{count}/{len(answers)}"


def _cause(record: Mapping[str, Any], bug: str, names: list[str]) -> str:
    if bug in CONVENTIONS or "minin" not in record:
        return ""
    return f"{sum(_named(record['minin']['answers'][n]) for n in names)}/{len(names)}"


def _how(record: Mapping[str, Any]) -> Iterator[str]:
    yield "## How each was run\n\n"
    yield textwrap.fill(
        "Arrays have 2 to 4 axes of 2 to 11 numbers, all of different lengths, float64; images are "
        "5 to 9 pixels high and wide, kernels 1x1 up to the whole image, strides 1 to 3, with and "
        "without padding, dilation and groups. Each drawing starts from fresh functions and its "
        "own seed, so every check sees the same. Each style is one function in "
        "`tools/who_catches_what/`, and this is what it does:",
        100,
    )
    yield "\n\n"
    for style, found in record.items():
        about = " ".join((inspect.getdoc(STYLES[style].run) or "").split())
        versions = ", ".join(f"{name} {found['versions'][name]}" for name in found["versions"])
        item = f"- **{STYLES[style].label}** ({versions}). {about}"
        yield textwrap.fill(item, 100, subsequent_indent="  ", break_on_hyphens=False) + "\n"
