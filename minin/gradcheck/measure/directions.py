"""Where there are too many numbers to move one by one: slopes along random directions.

One direction moves every number at once, so no wrong number can hide, though none is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.compare import gradients_of
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.measure.steps import STEP, along, complex_along
from minin.gradcheck.subject import Subject
from minin.sentences import sentence

TOLERANCE = 2e-5
DIRECTIONS = 2  # of all arguments together


def along_directions(
    subject: Subject,
    grad_y: Array,
    rng: np.random.Generator,
    known: Collection[str] = (),
    most: int = 12,
) -> Iterator[Fact]:
    """Yield the arguments whose gradient disagrees with the slope along a random direction.

    All arguments move together first, in `DIRECTIONS` directions; only if that fails are they tried
    one by one, and of those left over it is said that nobody judged them.

    Args:
        subject: the functions.
        grad_y: the upstream gradient.
        rng: draws the directions.
        known: arguments of which all is said already.
        most: so many are tried one by one.
    """
    came = gradients_of(subject, grad_y)
    grads = [
        g if isinstance(g, np.ndarray) and g.shape == b.shape and name not in known else None
        for name, g, b in zip(subject.names, came, subject.base, strict=True)
    ]
    every = [place for place, g in enumerate(grads) if g is not None]
    if all(_agree(subject, grads, every, grad_y, rng)[0] for _ in range(DIRECTIONS)):
        return
    for number, place in enumerate(every):
        name = subject.names[place]
        if number >= most:
            what = sentence("gradcheck.too_many", most=most)
            yield Fact(name, Explanation("harness", None, what), unmeasured=True)
            continue
        good, true, came_along = _agree(subject, grads, [place], grad_y, rng)
        if not good:
            what = sentence("gradcheck.direction", true=f"{true:.6g}", came=f"{came_along:.6g}")
            fix = sentence("gradcheck.direction_fix")
            yield Fact(name, Explanation("harness", None, what, fix=fix))


def _agree(
    subject: Subject,
    grads: list[Array | None],
    places: list[int],
    grad_y: Array,
    rng: np.random.Generator,
) -> tuple[bool, float, float]:
    directions = [np.zeros_like(b) for b in subject.base]
    for place in places:
        directions[place] = rng.choice([-1.0, 1.0], size=subject.base[place].shape)
    came, size = 0.0, 0.0
    for place in places:
        terms = np.asarray(grads[place]) * directions[place]
        came += float(terms.sum())
        size += float(np.sqrt(np.sum(terms**2)))
    for step in (STEP / 8, STEP / 128):  # a smaller step crosses fewer kinks
        low, high = _range(subject, directions, grad_y, step)
        slack = TOLERANCE * (size + max(abs(low), abs(high))) + 1e-9
        if low - slack <= came <= high + slack:
            return True, low, came
    return False, (low + high) / 2, came


def _range(
    subject: Subject, directions: list[Array], grad_y: Array, step: float
) -> tuple[float, float]:
    """Return between what the slope lies: one number, but for outputs that sit on a kink."""
    here, _ = subject.look(subject.base)
    sides = [
        (subject.look([b + h * d for b, d in zip(subject.base, directions, strict=True)])[0] - here)
        / h
        for h in (step, -step)
    ]
    right, left = (grad_y * side for side in sides)
    kinked = np.abs(right - left) > 1e-3 * (np.abs(right) + np.abs(left)) + 1e-9
    middle = (right + left) / 2
    low = np.where(kinked, np.minimum(left, right), middle)
    high = np.where(kinked, np.maximum(left, right), middle)
    return float(low.sum()), float(high.sum())


def complex_agreement(subject: Subject, rng: np.random.Generator) -> float | None:
    """Return how well differences and a complex step agree; None where complex is no use."""
    if subject.graph:
        return None
    directions = [rng.choice([-1.0, 1.0], size=b.shape) for b in subject.base]
    exact = complex_along(subject.look, subject.base, directions)
    if exact is None or not exact.any():
        return None
    measured = along(subject.look, subject.base, directions, STEP)
    scale = float(np.max(np.abs(exact), initial=0.0))
    off = float(np.max(np.abs(exact - measured), initial=0.0)) / scale
    return off if off < 1e-5 else None
