"""One gradient under one probe: what is true, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from minin.backend import Array

TOLERANCE = 3e-7  # of the largest number of a gradient; double precision gives far better


@dataclass(frozen=True, eq=False)
class Comparison:
    """One argument under one probe.

    Attributes:
        x: the argument.
        numeric: the true gradient, NaN where it was not measured.
        analytic: the gradient that came: an array, or whatever else came.
        kinks: where a difference means nothing.
        error: how far off the true gradient may be.
        grad_y: the upstream gradient that was sent to backward.
        output: what forward gave.
        arguments: all arguments of forward, as the caller arranged them.
        place: which of them ``x`` is, -1 if it is inside a list or not among them.
        params: keyword arguments of forward, and dictionaries among the arguments.
        jacobian: the slope of each output number along each entry, or None.
        answers: gradients for other upstream gradients at the same inputs, by name.
        base: which inputs; comparisons of the same inputs have the same number.
        loose: tolerance, larger where float32 is at work.
        call: the call of forward, to be repeated with a reference.
        bars: how far off each number of the truth may be, None if all alike.
        terms: the sum of the sizes of the terms of each number, likewise.
    """

    x: Array
    numeric: Array
    analytic: Any
    kinks: Array
    error: float
    grad_y: Array
    output: Array
    arguments: tuple[Any, ...] = ()
    place: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    jacobian: Array | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    base: int = 0
    loose: float = TOLERANCE
    call: Any = None
    bars: Array | None = None
    terms: Array | None = None

    @cached_property
    def fits(self) -> bool:
        """Whether what came is an array of numbers of the argument's shape."""
        a = self.analytic
        return isinstance(a, np.ndarray) and a.dtype.kind in "fiu" and a.shape == self.x.shape

    @cached_property
    def trusted(self) -> Array:
        """Mask of the entries that are judged."""
        return np.isfinite(self.numeric) & ~self.kinks

    @cached_property
    def tolerance(self) -> float:
        """How far from the truth any entry may be."""
        largest = np.max(np.abs(self.numeric[self.trusted]), initial=0.0)
        return float(self.loose * largest + 4 * self.error + 1e-12)

    @cached_property
    def allowed(self) -> Array:
        """How far from the truth each entry may be: as far as its own size and error allow."""
        if self.bars is None or self.terms is None or self.loose > TOLERANCE:
            return np.full(self.x.shape, self.tolerance)
        largest = float(np.max(self.terms[self.trusted], initial=0.0))
        least = 1e-11 * largest + (min(1e-12, 1e-5 * largest) if largest else 1e-12)
        return self.loose * self.terms + 4 * self.bars + least

    @cached_property
    def wrong(self) -> Array:
        """Mask of the judged entries that are not what they should be."""
        if not self.fits:
            return self.trusted
        off = np.abs(self.numeric - self.analytic)
        return self.trusted & ~(off <= self.allowed)

    def same(self, candidate: Any, mask: Array | None = None) -> bool:
        """Tell whether ``candidate`` is the gradient that came, on all judged entries."""
        if not self.fits or not isinstance(candidate, np.ndarray):
            return False
        if candidate.shape != self.x.shape:
            return False
        mask = self.trusted if mask is None else mask & self.trusted
        claimed = mask & ~np.isnan(candidate)  # NaN: no claim about this entry
        if claimed.sum() < 0.5 * mask.sum():
            return False
        mask = claimed
        came, told = self.analytic[mask], candidate[mask]
        scale = np.max(np.abs(came), initial=0.0)
        slack = self.tolerance + self.loose * float(scale if np.isfinite(scale) else 0.0)
        return bool(np.all(np.abs(came - told) <= slack))

    def is_true(self, candidate: Any) -> bool:
        """Tell whether ``candidate`` is the true gradient: then it explains nothing."""
        off = np.abs(np.asarray(candidate) - self.numeric)[self.trusted]
        known = ~np.isnan(off)
        return bool(np.all(off[known] <= self.allowed[self.trusted][known]))
