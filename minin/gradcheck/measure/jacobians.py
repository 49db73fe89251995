"""Both Jacobians of an argument: what forward does to each output number, and what backward does.

Every unit upstream gradient is sent back, with a forward of its own before it: what comes is one
column of backward's matrix. Beside the matrix of slopes it shows each contribution by itself: of
one output number to one entry. How many columns are affordable is counted and never timed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.compare import gradients_of
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.measure.steps import CELLS, HANDLED, WORK, count_lines
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.arguments import plain
from minin.gradcheck.subject.call import call_of


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each output number contributes to each entry of one argument: (entries, outputs).

    Attributes:
        name: of the argument.
        x: the argument.
        output: of forward.
        forward: the slopes that were measured.
        backward: what came for each unit upstream gradient.
        error: how far off a slope of each entry may be.
        judged: which entries do not sit on kinks.
        arguments: all arrays among the arguments, by name.
        settings: numbers and words among the arguments, by name.
    """

    name: str
    x: Array
    output: Array
    forward: Array
    backward: Array
    error: Array
    judged: Array
    arguments: Mapping[str, Array]
    settings: Mapping[str, Any]

    @cached_property
    def slack(self) -> Array:
        """How far apart two contributions may be and be the same (entries, outputs)."""
        largest = float(np.max(np.abs(self.forward[self.judged]), initial=0.0))
        return 1e-6 * largest + 4 * self.error[:, None] + 1e-5 * np.abs(self.forward)

    @cached_property
    def right(self) -> Array:
        """Mask of the contributions that are as they should be."""
        return (np.abs(self.backward - self.forward) <= self.slack) | ~self.judged[:, None]

    @cached_property
    def wanted(self) -> Array:
        """Mask of the contributions that forward makes."""
        return (np.abs(self.forward) > self.slack) & self.judged[:, None]

    @cached_property
    def came(self) -> Array:
        """Mask of the contributions that backward makes."""
        return (np.abs(self.backward) > self.slack) & self.judged[:, None]

    @cached_property
    def entry(self) -> Array:
        """The index of each entry: (axes of the argument, entries)."""
        return np.indices(self.x.shape).reshape(self.x.ndim, self.x.size)

    @cached_property
    def place(self) -> Array:
        """The index of each output number: (axes of the output, outputs)."""
        return np.indices(self.output.shape).reshape(self.output.ndim, self.output.size)

    @cached_property
    def joint(self) -> list[tuple[int, int]]:
        """The axes of argument and output along which forward keeps indices apart: samples."""
        return self.shared(self.wanted)

    def shared(self, mask: Array) -> list[tuple[int, int]]:
        """List the axes of argument and output whose indices are always the same: samples."""
        found = []
        for a, b in itertools.product(range(self.x.ndim), range(self.output.ndim)):
            if self.x.shape[a] == self.output.shape[b] > 1:
                apart = self.entry[a][:, None] != self.place[b][None, :]
                if not (mask & apart).any():
                    found.append((a, b))
        return found


def both_jacobians(
    subject: Subject, slopes: Sequence[Slopes], places: Sequence[int], work: int = WORK
) -> dict[str, Contributions]:
    """Send every unit upstream gradient back; nothing where that costs much or is not linear."""
    y = subject.run(subject.base).output
    found = [_forward(subject, k, slopes[k], y) for k in places if slopes[k].dense and y.size]
    found = [c for c in found if c.forward.size and c.forward.size <= CELLS // 16]
    _, lines = count_lines(lambda: gradients_of(subject, np.ones(y.shape)))
    each = lines + (sum(a.size for a in subject.base) + y.size) // HANDLED
    if not found or y.size * each > work:
        return {}
    for number in range(y.size):
        unit = np.zeros(y.size)
        unit[number] = 1.0
        grads = gradients_of(subject, unit.reshape(y.shape))
        for c in found:
            grad = grads[subject.names.index(c.name)]
            if not _fits(grad, c.x):
                return {}
            c.backward[:, number] = grad.ravel()
    return {c.name: c for c in found if _linear(subject, c)}


def _forward(subject: Subject, k: int, slopes: Slopes, y: Array) -> Contributions:
    """Return the contributions of forward, with room for those of backward."""
    error = slopes.bends + np.max(slopes.noise, initial=0.0) / slopes.reach
    arrays = {
        name: np.asarray(plain(x))
        for name, x in [
            *zip(subject.arguments, subject.inputs, strict=True),
            *subject.params.items(),
        ]
        if isinstance(plain(x), np.ndarray)
    }
    return Contributions(
        subject.names[k], subject.base[k], y, slopes.jacobian,
        np.zeros(slopes.jacobian.shape), error, ~slopes.kink, arrays,
        call_of(subject, y).settings,
    )  # fmt: skip


def _fits(grad: Any, x: Array) -> bool:
    return isinstance(grad, np.ndarray) and grad.shape == x.shape and bool(np.isfinite(grad).all())


def _linear(subject: Subject, c: Contributions) -> bool:
    """Tell whether the contributions add up, for other upstream gradients and for none."""
    for g in (np.zeros(c.output.size), 1.0 + np.sin(np.arange(c.output.size) * 1.7)):
        came = gradients_of(subject, g.reshape(c.output.shape))[subject.names.index(c.name)]
        if not _fits(came, c.x):
            return False
        told = c.backward @ g
        scale = float(np.max(np.abs(c.backward), initial=0.0)) * c.output.size
        if np.max(np.abs(told - came.ravel()), initial=0.0) > 1e-9 * scale:
            return False
    return True
