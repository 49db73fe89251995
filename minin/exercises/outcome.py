"""The verdict on an answer, and how it is written: at most 78 columns, a label on each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minin.exercises.source import Exercise
from minin.gradcheck import GradientError
from minin.sentences import sentence
from minin.text import LABEL, pad, wrap

_INDENT = 2  # columns before a label


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes:
        exercise: the name.
        state: "passed", "unsolved", "wrong", or "crashed".
        text: the whole verdict, ready to be printed.
        bug: the id of the likeliest cause, or None.
        points: what the answer is worth: all of the exercise's, or none.
    """

    exercise: str
    state: str
    text: str
    bug: str | None = None
    points: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.state == "passed"

    def __str__(self) -> str:
        """Return the verdict."""
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that JSON keeps."""
        return {**vars(self), "ok": self.ok}

    def raise_if_failed(self) -> None:
        """Raise the verdict, for graders that count exceptions.

        Raises:
            GradientError: if the answer is not right; it is an AssertionError too.
        """
        if not self.ok:
            raise GradientError(self.text)


def headline(exercise: Exercise) -> str:
    """Return the first line of a pass."""
    return sentence("exercises.passed", exercise=exercise.name, points=exercise.points)


def crashed(exercise: str, label: str, text: str) -> Outcome:
    """Say why an answer could not be judged.

    Example:
        >>> print(crashed("im2col", "time", "stopped after 30 s"))
        im2col: NOT YET
          time      stopped after 30 s
    """
    lines = [sentence("exercises.not_yet", exercise=exercise), *labelled(label, text)]
    return Outcome(exercise, "crashed", "\n".join(lines))


def labelled(label: str, text: str) -> list[str]:
    """Put a label before a text: rows stay as they are, a single one is wrapped."""
    head, rest = " " * _INDENT + pad(label, -LABEL), " " * (_INDENT + LABEL)
    if "\n" in text:
        return [f"{rest if k else head}{row}" for k, row in enumerate(text.split("\n"))]
    return wrap(text, first=head, rest=rest)
