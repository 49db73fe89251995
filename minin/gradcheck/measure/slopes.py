"""What differences know about one argument: slopes with error bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minin.backend import Array


@dataclass(frozen=True)
class Slopes:
    """What differences know about one argument.

    Attributes:
        entries: flat indices of the numbers that were moved.
        jacobian: the slope of each output number along each entry (entries, outputs).
        gap: D+ - D-, likewise; only rows of kinks are kept, the others are 0.
        kink: for each entry, whether it sits on a kink.
        step: h.
        bends: error of each entry's slopes for want of a smaller step, from h against h/2.
        noise: rounding of each output number (outputs,); over h it is an error of the slope.
        size: of the argument.
        crossed: how many entries lie so close to a kink that a smaller step was needed.
        reach: by how much each entry was really moved.
        touched: how much of an output's rounding concerns an entry (entries, outputs): less
            than 1 where even a far larger step did not move that output.
        checked: the entries whose bend was measured at the entry itself.
    """

    entries: Array
    jacobian: Array
    gap: Array
    kink: Array
    step: float
    bends: Array
    noise: Array
    size: int
    crossed: int
    reach: Array
    touched: Array
    checked: Array

    @property
    def bend(self) -> float:
        """The largest of the bends."""
        return float(np.max(self.bends, initial=0.0))

    @property
    def dense(self) -> bool:
        """Whether every entry was measured."""
        return len(self.entries) == self.size

    def along(self, grad_y: Array) -> Array:
        """Return the true gradient for an upstream gradient, flat, NaN where not measured."""
        if not len(self.entries):
            return np.full(self.size, np.nan)
        return self._spread(self.jacobian @ grad_y.ravel())

    def sides(self, grad_y: Array) -> tuple[Array, Array]:
        """Return the slopes to the left and to the right of every entry, flat."""
        middle, half = self.jacobian @ grad_y.ravel(), self.gap @ grad_y.ravel() / 2
        return self._spread(middle - half), self._spread(middle + half)

    def kinks(self) -> Array:
        """Return a flat mask of the entries on kinks."""
        mask = np.zeros(self.size, dtype=bool)
        mask[self.entries[self.kink]] = True
        return mask

    def error(self, grad_y: Array) -> float:
        """Return how far off a number of `along` may be: the most of all numbers."""
        bars = self.bars(grad_y)
        return float(np.max(bars[np.isfinite(bars)], initial=0.0))

    def bars(self, grad_y: Array) -> Array:
        """Return how far off each number of `along` may be, flat, NaN where it was not moved."""
        weights = np.abs(grad_y.ravel())
        if not len(self.entries):
            return np.full(self.size, np.nan)
        noise = np.sqrt(self.touched**2 @ (weights * self.noise) ** 2) / self.reach
        return self._spread(2 * noise + 2 * self.bends * float(weights.max(initial=0.0)))

    def terms(self, grad_y: Array) -> Array:
        """Return the sum of the sizes of all terms of each number of `along`, flat."""
        if not len(self.entries):
            return np.full(self.size, np.nan)
        return self._spread(np.abs(self.jacobian) @ np.abs(grad_y.ravel()))

    def _spread(self, values: Array) -> Array:
        full = np.full(self.size, np.nan)
        full[self.entries] = values
        return full
