"""The verdict on an answer, and how it is written: at most 78 columns, a label on each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minin.exercises.marks import Tally
from minin.exercises.source import Exercise
from minin.gradcheck import GradientError
from minin.gradcheck.report.report import LEVELS
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
        most: what the exercise is worth.
        marks: what each of its marks has earned.
        seed: of the numbers that were drawn; None if none were.
        fenced: whether the answer ran behind the whole fence.
    """

    exercise: str
    state: str
    text: str
    bug: str | None = None
    most: float = 0.0
    marks: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    fenced: bool = False

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.state == "passed"

    def points(self, most: float | None = None) -> float:
        """Return the points this is worth: ``most``, or None for the exercise's, and the share.

        A notebook's grader takes a cell's last value for its points, if it is a plain float.

        Example:
            >>> Outcome("im2col", "wrong", "", None, 2.0, {"values": 1.0, "shapes": 0}).points(10)
            5.0
        """
        most = self.most if most is None else most
        share = sum(self.marks.values()) / self.most if self.most else 0.0
        return float(most) if self.ok else float(most * share)

    def __str__(self) -> str:
        """Return the verdict."""
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that JSON keeps."""
        return {**vars(self), "ok": self.ok, "points": self.points()}

    def raise_if_failed(self) -> None:
        """Raise the verdict, for graders that count exceptions.

        Raises:
            GradientError: if the answer is not right; it is an AssertionError too.
        """
        if not self.ok:
            raise GradientError(self.text)


def judged(
    exercise: Exercise, tally: Tally, counts: Mapping[str, int], feedback: str, seed: int
) -> Outcome:
    """Write what was found as a verdict, and leave out what gives too much away."""
    level, name = LEVELS.index(feedback), exercise.name
    if not tally.faults:
        points = f"{exercise.points:g}"
        lines = [sentence("exercises.passed", exercise=name, points=points), *_found_right(counts)]
        state, bug = "passed", None
    else:
        fault = tally.faults[0]
        state, bug = fault.state, fault.bug if level >= LEVELS.index("what") else None
        unsolved = state == "unsolved"
        first = sentence("exercises.not_solved" if unsolved else "exercises.not_yet", exercise=name)
        lines = [first]
        for needed, label, text in fault.lines:
            if LEVELS.index(needed) <= level:
                lines += labelled(label, text) if label else [text]
        if any(tally.earned().values()):
            lines += labelled(sentence("labels.marks"), tally.told())
    if tally.judged:
        lines += labelled(sentence("labels.seed"), sentence("exercises.seed", seed=seed))
    earned = tally.earned()
    return Outcome(name, state, "\n".join(lines), bug, float(exercise.points), earned, seed)


def _found_right(counts: Mapping[str, int]) -> list[str]:
    values = sum(n for what, n in counts.items() if what not in ("slopes", "ties"))
    lines = labelled(sentence("labels.values"), sentence("exercises.values_right", count=values))
    slopes = sentence("exercises.slopes_right", count=counts["slopes"])
    lines += labelled(sentence("labels.slopes"), slopes)
    if ties := counts["ties"]:
        lines += labelled(sentence("labels.ties"), sentence("exercises.ties_right", count=ties))
    return lines


def crashed(exercise: Exercise, label: str, text: str) -> Outcome:
    """Say why an answer could not be judged, which earns nothing."""
    lines = [sentence("exercises.not_yet", exercise=exercise.name), *labelled(label, text)]
    return Outcome(exercise.name, "crashed", "\n".join(lines), most=float(exercise.points))


def labelled(label: str, text: str) -> list[str]:
    """Put a label before a text: rows stay as they are, a single one is wrapped.

    Example:
        >>> labelled("time", "stopped after 30 s")
        ['  time      stopped after 30 s']
    """
    head, rest = " " * _INDENT + pad(label, -LABEL), " " * (_INDENT + LABEL)
    if "\n" in text:
        return [f"{rest if k else head}{row}" for k, row in enumerate(text.split("\n"))]
    return wrap(text, first=head, rest=rest)
