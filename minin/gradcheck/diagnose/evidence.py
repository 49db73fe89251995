"""What the checker knows about one gradient, and what it makes of it.

A `Sight` is one argument under one probe: the true gradient and the one that came. `Evidence`
is all sights of one argument. Recognisers read evidence and return an `Explanation` or None;
they call nothing of the code under test, so each can be tested on made-up numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from minin.backend import Array

TOLERANCE = 3e-7  # of the largest number of a gradient; double precision gives far better


@dataclass(frozen=True, eq=False)
class Sight:
    """One argument under one probe.

    Attributes:
        x: the argument.
        numeric: the true gradient, NaN where it was not measured.
        analytic: the gradient that came: an array, or whatever else came.
        kinks: where a difference means nothing.
        error: how far off the true gradient may be.
        cotangent: the slope that was sent to backward.
        output: what forward gave.
        arguments: all arguments of forward, as the caller arranged them.
        place: which of them ``x`` is, -1 if it is inside a list or not among them.
        params: keyword arguments of forward, and dictionaries among the arguments.
        jacobian: the slope of each output number along each entry, or None.
        answers: gradients for other cotangents at the same inputs, by name.
        base: which inputs; sights of the same inputs have the same number.
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
    cotangent: Array
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


@dataclass(frozen=True)
class Explanation:
    """What a recogniser says.

    Attributes:
        recogniser: "R0" to "R16".
        bug: the id of the catalogue that fits best, or None.
        what: what was seen, in one line.
        so: what that means and how to mend it, in one line.
        also: other ids that would look the same, the likelier first.
        where: where the wrong entries are, if that is what was found.
        weight: how complicated it is; the simplest explanation is told.
    """

    recogniser: str
    bug: str | None
    what: str
    so: str = ""
    also: tuple[str, ...] = ()
    where: str = ""
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known about one argument's gradient.

    Attributes:
        argument: its name.
        op: the name of the operation, if it is known.
        sights: one a probe; those where the gradient is wrong come first.
        matches: for each sight the gradients of the reference with each known bug, if known.
        catalogue: the sentence of each bug.
        nearby: the nearby function whose true gradient came, if one was found.
    """

    argument: str
    op: str | None
    sights: tuple[Sight, ...]
    matches: tuple[Mapping[str, Any], ...] = ()
    catalogue: Mapping[str, str] = field(default_factory=dict)
    nearby: Explanation | None = None

    @cached_property
    def wrong(self) -> tuple[Sight, ...]:
        """The sights whose gradient is wrong."""
        return tuple(s for s in self.sights if s.wrong.any() or not s.fits)

    @cached_property
    def seen(self) -> Sight:
        """The sight that a report shows: of the caller's own inputs where that is wrong."""
        return self.wrong[0] if self.wrong else self.sights[0]

    @cached_property
    def usable(self) -> bool:
        """Whether something is wrong, and every sight has an array of the right shape."""
        return bool(self.wrong) and all(
            s.fits and np.isfinite(s.analytic).all() for s in self.sights
        )

    @cached_property
    def enough(self) -> bool:
        """Whether two probes and eight judged entries are there."""
        return len(self.own) >= 2 and sum(int(s.trusted.sum()) for s in self.sights) >= 8

    @cached_property
    def measured(self) -> tuple[Sight, ...]:
        """The sights that know the slope of every output number."""
        return tuple(s for s in self.sights if s.jacobian is not None)

    @cached_property
    def own(self) -> tuple[Sight, ...]:
        """The sights at the caller's own inputs, if it is wrong there; else all of one form."""
        here = tuple(s for s in self.sights if s.base == 0)
        if len(here) > 1 and any(s in self.wrong for s in here):
            return here
        axes = self.seen.x.ndim, self.seen.output.ndim
        return tuple(s for s in self.sights if (s.x.ndim, s.output.ndim) == axes)

    def holds(
        self, candidate: Callable[[Sight], Any], sights: tuple[Sight, ...] | None = None
    ) -> bool:
        """Tell whether a candidate is what came, at every sight, and is not just the truth."""
        sights = self.own if sights is None else sights
        if not self.usable or not self.enough or len(sights) < 2:
            return False
        told = [candidate(s) for s in sights]
        if any(t is None for t in told):
            return False
        pairs = list(zip(sights, told, strict=True))
        return all(s.same(t) for s, t in pairs) and not all(s.is_true(t) for s, t in pairs)
