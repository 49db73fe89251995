"""Writes docs/who-catches-what.md from the record; nothing on the page is written by hand."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.text import wrap
from minin.zoo.mutants import MUTANTS
from tools.page import DOCS, rows
from tools.page import page as filled
from tools.who_catches_what import others
from tools.who_catches_what.measure import STYLES
from tools.who_catches_what.program import DRAWS, name_of

PAGE = DOCS / "who-catches-what.md"
CONVENTIONS = {m.bug.id for m in MUTANTS if m.convention}


def page(record: Mapping[str, Any]) -> str:
    """Write the page.

    Args:
        record: as `tools.who_catches_what.measure.read` returns it.
    """
    wrong = [m for m in MUTANTS if not m.convention]
    quiet = len(MUTANTS) - len(wrong)
    return filled(
        "who-catches-what",
        wrong=len(wrong),
        bugs=len(BUGS) - len(CONVENTIONS),
        draws=DRAWS,
        right=len(REFERENCES) + quiet,
        quiet=quiet,
        totals=rows(_totals(record)),
        table=_table(record),
        others=others.section(others.read()),
        how="\n".join(_how(record)),
    )


def caught(answers: str) -> bool:
    """Say whether most drawings were rejected.

    Example:
        >>> caught("110"), caught("002")
        (True, False)
    """
    return 2 * sum(a != "0" for a in answers) > len(answers)


def _names(bug: str) -> list[str]:
    return [name_of(m) for m in MUTANTS if m.bug.id == bug]


def _totals(record: Mapping[str, Any]) -> Iterator[list[str]]:
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
        yield [
            STYLES[style].label,
            _of(programs, len(wrong)),
            f"{bugs} of {len(kinds)}",
            f"{alarms} of {len(right)}",
            cause,
        ]


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)"


def _named(answers: str) -> bool:
    return 2 * answers.count("2") > len(answers)


def _table(record: Mapping[str, Any]) -> str:
    """Write a row for each bug, a column for each check."""
    heads = ["bug", *(STYLES[style].title for style in record), "cause"]
    lines = []
    for bug in BUGS.values():
        names = _names(bug.id)
        star = "*" if bug.id in CONVENTIONS else ""
        cells = [_cell(bug.id, [found["answers"][n] for n in names]) for found in record.values()]
        lines.append([f"{bug.id}{star} {_plain(bug.name)}", *cells, _cause(record, bug.id, names)])
    return f"{rows([heads])}\n|{'---|' * len(heads)}\n{rows(lines)}"


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
    for style, found in record.items():
        about = " ".join((inspect.getdoc(STYLES[style].run) or "").split())
        versions = ", ".join(f"{name} {found['versions'][name]}" for name in found["versions"])
        item = f"**{STYLES[style].label}** ({versions}). {about}"
        yield from wrap(item, 100, first="- ", rest="  ")
