"""The exercises' own check: starters fail, solutions pass, every mutant dies of its own bug."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from minin.exercises.runner import check_file
from minin.exercises.source import Exercise


@dataclass(frozen=True)
class Proof:
    """One thing that was tried.

    Attributes:
        exercise: the name.
        what: "starter", "solution", or "mutant" and its bug.
        wanted: what had to come: a state, or the bug.
        came: what came.
    """

    exercise: str
    what: str
    wanted: str
    came: str

    @property
    def holds(self) -> bool:
        """Whether that came which had to."""
        return self.wanted == self.came


def prove(exercises: Iterable[Exercise], seconds: float = 60.0) -> Iterator[Proof]:
    """Try every starter, solution and mutant as a learner's file would be tried.

    Args:
        exercises: which ones.
        seconds: how long each may take.
    """
    with tempfile.TemporaryDirectory(prefix="minin-") as folder:
        for exercise in exercises:
            path = Path(folder) / exercise.file_name

            def state(text: str, path: Path = path, exercise: Exercise = exercise) -> str:
                path.write_text(text, encoding="utf-8")
                return check_file(path, exercise.name, seconds=seconds)[0].state

            starter, solution = state(exercise.starter()), state(exercise.solution())
            yield Proof(exercise.name, "starter", "unsolved", starter)
            yield Proof(exercise.name, "solution", "passed", solution)
            for mutant in exercise.mutants:
                path.write_text(exercise.wrong(mutant), encoding="utf-8")
                outcome = check_file(path, exercise.name, seconds=seconds)[0]
                came = outcome.bug or outcome.state
                yield Proof(exercise.name, f"mutant {mutant.bug}", mutant.bug, came)
