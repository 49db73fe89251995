"""The exercises' own check: starters fail, solutions pass, every mutant dies of its own bug."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from minin.errors import DataError
from minin.exercises.runner import check_source, in_processes
from minin.exercises.source import Exercise, read
from minin.exercises.tasks import TASKS
from minin.sentences import language, speaking


@dataclass(frozen=True)
class Attempt:
    """One thing that was tried.

    Attributes:
        exercise: the name.
        what: "file", "starter", "solution", or "mutant" and its bug.
        wanted: what had to come: a state, or the bug.
        came: what came.
        told: what the check said.
    """

    exercise: str
    what: str
    wanted: str
    came: str
    told: str = ""

    @property
    def holds(self) -> bool:
        """Whether that came which had to."""
        return self.wanted == self.came


class _Trial(NamedTuple):
    exercise: Exercise
    what: str
    wanted: str
    text: str


def prove_files(texts: Mapping[str, str]) -> Iterator[Attempt]:
    """Prove the exercises in files; one that cannot be read fails with its reason.

    Args:
        texts: the files' texts by their names.
    """
    found = []
    for name, text in texts.items():
        try:
            exercise = read(text, name)
        except DataError as error:
            yield Attempt(name, "file", "readable", "malformed", str(error))
            continue
        if exercise.name in TASKS:
            found.append(exercise)
        else:
            told = f"tasks.py does not say what is asked in {exercise.name!r}"
            yield Attempt(name, "file", "readable", "no task", told)
    yield from prove(sorted(found, key=lambda e: e.number))


def prove(exercises: Iterable[Exercise]) -> Iterator[Attempt]:
    """Try every starter, solution and mutant as a learner's file would be tried.

    Args:
        exercises: which ones.
    """
    trials = [trial for exercise in exercises for trial in _trials(exercise)]
    yield from in_processes(_tried, ((trial, language()) for trial in trials))


def _tried(trial: _Trial, speech: str) -> Attempt:
    exercise, what, wanted, text = trial
    with speaking(speech):
        outcome = check_source(text.encode(), exercise.name, seed=0)[0]  # a proof can be repeated
    came = (outcome.bug if what.startswith("mutant") else None) or outcome.state
    return Attempt(exercise.name, what, wanted, came, outcome.text)


def _trials(exercise: Exercise) -> Iterator[_Trial]:
    yield _Trial(exercise, "starter", "unsolved", exercise.starter())
    yield _Trial(exercise, "solution", "passed", exercise.solution())
    for mutant in exercise.mutants:
        wanted = "wrong" if mutant.bug == "forward" else mutant.bug
        yield _Trial(exercise, f"mutant {mutant.bug}", wanted, exercise.wrong(mutant))
