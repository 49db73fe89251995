"""On what a changed program is tried, and what is true there.

The caller's inputs with two upstream gradients, whose slopes are measured already; other numbers
of the same shapes; other sizes, all of them different; and backward twice on one cache. Away from
the caller's inputs the truth is known along random directions, two forwards each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.steps import STEP
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.subject.arguments import put_floats
from minin.gradcheck.subject.functions import Code

DIRECTIONS = 3
SLACK = 2e-6


@dataclass
class Truth:
    """What is known of one gradient: some of its numbers, and slopes along directions."""

    shape: tuple[int, ...]
    numbers: list[tuple[Array, Array, Array]] = field(default_factory=list)
    slopes: list[tuple[Array, float, float]] = field(default_factory=list)

    def holds(self, grad: Any) -> bool:
        """Tell whether a gradient is right as far as is known."""
        if not isinstance(grad, np.ndarray) or grad.dtype.kind not in "fiu":
            return False
        if grad.shape != self.shape or not np.isfinite(grad).all():
            return False
        for numeric, trusted, allowed in self.numbers:
            if np.any(np.abs(grad - numeric)[trusted] > allowed[trusted]):
                return False
        for direction, slope, bar in self.slopes:
            terms = grad * direction
            if abs(terms.sum() - slope) > SLACK * np.abs(terms).sum() + bar:
                return False
        return True

    def nearness(self, grad: Any) -> float:
        """Return how near a gradient is, from 0 to 3: its shape, its direction, exact numbers."""
        if not isinstance(grad, np.ndarray) or grad.shape != self.shape or not self.numbers:
            return 0.0
        numeric, trusted, allowed = self.numbers[0]
        a, b = numeric[trusted], grad[trusted]
        if not a.size or not np.isfinite(b).all():
            return 0.0
        square = float((a * b).sum()) ** 2 / (float((a * a).sum() * (b * b).sum()) or 1.0)
        return 1.0 + square + float((np.abs(a - b) <= allowed[trusted]).mean())

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return bool(self.slopes) or any(trusted.any() for _, trusted, _ in self.numbers)


@dataclass
class Trial:
    """One set of inputs, one upstream gradient, and the truth for each argument.

    Attributes:
        subject: the functions at these inputs.
        grad_y: the upstream gradient.
        truths: by argument.
        before: an upstream gradient that backward is given first, on the same cache.
        grown: whether the sizes are others than the caller's.
    """

    subject: Code
    grad_y: Array
    truths: Mapping[str, Truth]
    before: Array | None = None
    grown: bool = False

    @property
    def sizes(self) -> str:
        """The shape of the first argument, such as 2x3x5."""
        return "x".join(map(str, self.subject.base[0].shape)) or "1"


def at_callers_inputs(
    subject: Code, comparisons: Mapping[str, Sequence[Comparison]], rng: np.random.Generator
) -> Iterator[Trial]:
    """Yield the trials at the caller's own inputs: what was measured there is the truth."""
    found = {name: [c for c in cs if c.base == 0] for name, cs in comparisons.items()}
    count = min(map(len, found.values()))
    gradients = [next(iter(found.values()))[i].grad_y for i in range(count)]
    partly = any(not (c.trusted | c.kinks).all() for cs in found.values() for c in cs)
    more = along_directions(subject, gradients, rng, found) if partly else {}
    made = []
    for i, grad_y in enumerate(gradients):
        truths = {}
        for name, cs in found.items():
            c = cs[i]
            numbers = [(c.numeric, c.trusted, np.maximum(c.allowed, c.tolerance))]
            truths[name] = Truth(c.x.shape, numbers, more[name][i] if more else [])
        made.append(Trial(subject, grad_y, truths))
    yield from made
    if count > 1:
        yield Trial(subject, gradients[0], made[0].truths, before=gradients[1])


def elsewhere(
    subject: Code,
    names: Sequence[str],
    rng: np.random.Generator,
    grown: bool,
    count: int = DIRECTIONS,
) -> Trial | None:
    """Make a trial at other inputs, None if nothing can be measured there."""
    try:
        y, _ = subject.look(subject.base)
        grad_y = draw_upstream(y.shape, rng)
        slopes = along_directions(subject, [grad_y], rng, names, count)
    except Exception:  # the caller's forward does not take such inputs
        return None
    shapes = dict(zip(subject.names, (b.shape for b in subject.base), strict=True))
    truths = {name: Truth(shapes[name], [], slopes[name][0]) for name in names}
    return Trial(subject, grad_y, truths, grown=grown) if np.isfinite(y).all() else None


def along_directions(
    subject: Code,
    gradients: Sequence[Array],
    rng: np.random.Generator,
    names: Any,
    count: int = DIRECTIONS,
) -> dict[str, list[list[tuple[Array, float, float]]]]:
    """Measure along random directions of one argument each; a list for each gradient."""
    found: dict[str, list[list[tuple[Array, float, float]]]] = {}
    for place, name in enumerate(subject.names):
        if name not in names:
            continue
        found[name] = [[] for _ in gradients]
        for _ in range(count):
            direction = rng.standard_normal(subject.base[place].shape)
            coarse, fine = (_slope(subject, place, direction, h) for h in (STEP, STEP / 4))
            for kept, grad_y in zip(found[name], gradients, strict=True):
                wide, narrow = float((coarse * grad_y).sum()), float((fine * grad_y).sum())
                scale = float(np.abs(fine * grad_y).sum()) + 1e-12
                if abs(wide - narrow) < 1e-5 * scale:  # else there is a kink between
                    kept.append((direction, wide, 4 * abs(wide - narrow) + 1e-9 * scale))
    return found


def _slope(subject: Code, place: int, direction: Array, h: float) -> Array:
    ends = []
    for sign in (1, -1):
        moved = list(subject.base)
        moved[place] = moved[place] + sign * h * direction
        ends.append(subject.look(moved)[0])
    return np.asarray((ends[0] - ends[1]) / (2 * h))


def other_numbers(subject: Code, rng: np.random.Generator) -> Code:
    """Return the same functions at other numbers of the same shapes and signs."""
    leaves = [vary(b, rng) for b in subject.base]
    return subject.at(put_floats(subject.inputs, leaves, lambda new, _: new))


def vary(array: Array, rng: np.random.Generator) -> Array:
    """Draw numbers like those of an array; ones and zeros stay what they are."""
    if np.array_equal(array, np.round(array)) and np.ptp(array) <= 1:
        return array.copy()
    return np.asarray(array * np.exp(0.3 * rng.standard_normal(array.shape)))
