"""One file holds a whole exercise; here it is taken apart.

The file is a percent-format script. It begins with what only minin and the teacher need, as
TOML in comments between ``# /// exercise`` and ``# ///``: title, hints, and the wrong
solutions. What lies between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` is the solution; the
starter has a ``raise NotImplementedError`` there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from minin.errors import DataError, UnknownNameError
from minin.files.toml import read_toml
from minin.sentences import language, sentence

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
OPEN, CLOSE = "# /// exercise", "# ///"
HINTS = 3
_TEXTS = ("name", "title", "goal")
_NUMBERS = ("number", "stars", "minutes", "points")
_LISTS = ("needs", "hints", "mutants")


@dataclass(frozen=True)
class WrongSolution:
    """A wrong solution: the right one with one piece of text replaced.

    Attributes:
        bug: the id in the catalogue that the checker must name, or "forward" if forward is
            wrong: then the values must differ, and no id is asked for.
        find: text that occurs once, in the solution.
        put: what stands there instead.
    """

    bug: str
    find: str
    put: str


@dataclass(frozen=True)
class Exercise:
    """One exercise, as its file says.

    Attributes:
        number: its place in the course, from 1.
        name: what it is called, as in "im2col".
        title: a line.
        stars: how hard it is, 1 to 3.
        minutes: how long it takes a learner.
        points: what it is worth.
        marks: what each part of that is for; they add up to the points.
        goal: what the learner shall write, in a sentence.
        needs: what comes before it.
        hints: three, each giving away more.
        mutants: wrong solutions that the checker must name.
        body: the file without its first part, with the solution.
    """

    number: int
    name: str
    title: str
    stars: int
    minutes: int
    points: int
    marks: Mapping[str, float]
    goal: str
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    mutants: tuple[WrongSolution, ...]
    body: str

    @property
    def file_name(self) -> str:
        """What the learner's file is called."""
        return f"{self.number}_{self.name}.py"

    @property
    def mark(self) -> str:
        """The first line of a learner's file, by which it is known again."""
        return f"# minin exercise: {self.name}"

    def starter(self) -> str:
        """Return the learner's file: everything but the solution."""
        lines: list[str] = []
        inside = False
        for line in self.body.splitlines():
            if line.strip() == BEGIN:
                inside = True
                pad = line[: len(line) - len(line.lstrip())]
                lines += [
                    f"{pad}# {sentence('exercises.your_code')}",
                    f"{pad}raise NotImplementedError",
                ]
            elif line.strip() == END:
                inside = False
            elif not inside:
                lines.append(line)
        return "\n".join([self.mark, *lines]) + "\n"

    def solution(self) -> str:
        """Return the learner's file as it is when it is solved."""
        kept = [x for x in self.body.splitlines() if x.strip() not in (BEGIN, END)]
        return "\n".join([self.mark, *kept]) + "\n"

    def wrong(self, mutant: WrongSolution) -> str:
        """Return the solution with one bug in it."""
        return self.solution().replace(mutant.find, mutant.put)


def read(text: str, name: str = "exercise") -> Exercise:
    """Take the text of an exercise's file apart.

    Args:
        text: the whole file.
        name: what to call the file in errors.

    Raises:
        DataError: if the first part is missing or not as it must be, a marker is misspelt,
            nested or without its partner, there are not three hints, or a mutant's text does
            not occur exactly once in the solution.

    Example:
        >>> find("im2col").stars
        1
    """
    head, body = _split(text, name)
    values = _checked(read_toml("\n".join(head)), name)
    mutants = tuple(_mutant(m, name) for m in values["mutants"])
    lists: dict[str, Any] = {key: tuple(values[key]) for key in ("needs", "hints")}
    solution = _solution(body, name)
    for mutant in mutants:
        if solution.count(mutant.find) != 1 or body.count(mutant.find) != 1:
            raise DataError(
                f"{name}: the text of mutant {mutant.bug} must occur once, in the solution; it"
                f" occurs {body.count(mutant.find)} times: {mutant.find!r}"
            )
    return Exercise(**{**values, **lists, "mutants": mutants, "body": body})


def texts(name: str | None = None) -> dict[str, str]:
    """Read the exercises' files in a language, or in the one in use, by the files' names."""
    folder = files("minin.exercises") / "sources" / (name or language())
    found = sorted((e for e in folder.iterdir() if e.name.endswith(".py")), key=lambda e: e.name)
    return {entry.name: entry.read_text("utf-8") for entry in found}


def _all() -> dict[str, Exercise]:
    return _all_in(language())


@cache
def _all_in(language: str) -> dict[str, Exercise]:
    found = [read(text, name) for name, text in texts(language).items()]
    return {e.name: e for e in sorted(found, key=lambda e: e.number)}


def names() -> list[str]:
    """List the exercises in the order of the course.

    Example:
        >>> names()
        ['im2col', 'col2im', 'conv_backward', 'conv1x1', 'max_pool', 'global_avg_pool']
    """
    return list(_all())


def find(name: str) -> Exercise:
    """Return an exercise by its name.

    Raises:
        UnknownNameError: if there is none of that name.
    """
    if name not in _all():
        raise UnknownNameError.among("exercise", name, names())
    return _all()[name]


def _split(text: str, name: str) -> tuple[list[str], str]:
    """Part the comment of TOML from the script."""
    lines = text.splitlines()
    if not lines or lines[0] != OPEN or CLOSE not in lines[1:]:
        raise DataError(f"{name} must begin with {OPEN!r} and a line {CLOSE!r} must end that part")
    end = lines.index(CLOSE, 1)
    wrong = [x for x in lines[1:end] if not x.startswith("#")]
    if wrong:
        raise DataError(f"{name}: before {CLOSE!r} every line must begin with '#': {wrong[0]!r}")
    return [re.sub("^# ?", "", x) for x in lines[1:end]], "\n".join(lines[end + 1 :]).strip("\n")


def _checked(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Check that all keys are there, no others, and each of its kind."""
    kinds: dict[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_NUMBERS, int)}
    kinds |= {**dict.fromkeys(_LISTS, list), "marks": dict}
    if set(values) != set(kinds):
        raise DataError(
            f"{name}: the keys must be {', '.join(kinds)}; too many or missing:"
            f" {', '.join(sorted(set(values) ^ set(kinds)))}"
        )
    for key, kind in kinds.items():
        if not isinstance(values[key], kind):
            raise DataError(f"{name}: {key} must be {kind.__name__}; got {values[key]!r}")
    if len(values["hints"]) != HINTS:
        raise DataError(f"{name}: there must be {HINTS} hints; got {len(values['hints'])}")
    worth = [w for w in values["marks"].values() if isinstance(w, (int, float)) and w > 0]
    if len(worth) != len(values["marks"]) or sum(worth) != values["points"]:
        raise DataError(f"{name}: marks must be numbers that add up to points; got {worth}")
    if not values["mutants"]:
        raise DataError(f"{name}: there must be mutants, so that the checker is checked; got none")
    return dict(values)


def _mutant(values: Any, name: str) -> WrongSolution:
    if not isinstance(values, Mapping) or set(values) != {"bug", "find", "put"}:
        raise DataError(f"{name}: a mutant must have the keys bug, find and put; got {values!r}")
    return WrongSolution(*(str(values[key]) for key in ("bug", "find", "put")))


def _solution(body: str, name: str) -> str:
    """Return the text between the markers; each BEGIN needs its own END."""
    inside, found, parts = False, 0, []
    for number, line in enumerate(body.splitlines(), 1):
        word = line.strip()
        if word in (BEGIN, END):
            if inside == (word == BEGIN):
                raise DataError(
                    f"{name}, line {number} after the head: {word!r} in the wrong place"
                )
            inside = not inside
            found += inside
        elif "BEGIN SOLUTION" in line or "END SOLUTION" in line:
            raise DataError(f"{name}: a marker must be {BEGIN!r} or {END!r} alone; got {line!r}")
        elif inside:
            parts.append(line)
    if inside or not found:
        raise DataError(f"{name}: {END if inside else BEGIN!r} is missing")
    return "\n".join(parts)
