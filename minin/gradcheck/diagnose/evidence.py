"""What the checker knows about one gradient.

`Evidence` is all comparisons of one argument. Recognisers read evidence and return an `Explanation`
or None; they call nothing of the code under test, so each can be tested on made-up numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.measure.jacobians import Contributions


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known about one argument's gradient.

    Attributes:
        argument: its name.
        op: the name of the operation, if it is known.
        comparisons: one a probe; those where the gradient is wrong come first.
        matches: for each comparison the gradients of the reference with each known bug, if known.
        nearby: the nearby function whose true gradient came, if one was found.
        grown: comparisons at inputs with one axis, or one setting, changed.
        pairs: both Jacobians of the wrong arguments, at the caller's numbers and at others.
    """

    argument: str
    op: str | None
    comparisons: tuple[Comparison, ...]
    matches: tuple[Mapping[str, Any], ...] = ()
    nearby: Explanation | None = None
    pairs: tuple[Mapping[str, Contributions], ...] = ()
    grown: tuple[Comparison, ...] = ()

    @cached_property
    def wrong(self) -> tuple[Comparison, ...]:
        """The comparisons whose gradient is wrong."""
        return tuple(s for s in self.comparisons if s.wrong.any() or not s.fits)

    @cached_property
    def seen(self) -> Comparison:
        """The comparison that a report shows: of the caller's own inputs where that is wrong."""
        return self.wrong[0] if self.wrong else self.comparisons[0]

    @cached_property
    def usable(self) -> bool:
        """Whether something is wrong, and every comparison has an array of the right shape."""
        return bool(self.wrong) and all(
            s.fits and np.isfinite(s.analytic).all() for s in self.comparisons
        )

    @cached_property
    def enough(self) -> bool:
        """Whether two probes and eight judged entries are there."""
        counted = sum(int(s.trusted.sum()) for s in self.comparisons)
        counted += sum(int(p[self.argument].wanted.sum()) for p in self.pairs if self.argument in p)
        return len(self.own) >= 2 and counted >= 8

    @cached_property
    def measured(self) -> tuple[Comparison, ...]:
        """The comparisons that know the slope of every output number."""
        return tuple(s for s in self.comparisons if s.jacobian is not None)

    @cached_property
    def own(self) -> tuple[Comparison, ...]:
        """The comparisons at the caller's inputs, if it is wrong there; else all of one form."""
        here = tuple(s for s in self.comparisons if s.base == 0)
        if len(here) > 1 and any(s in self.wrong for s in here):
            return here
        axes = self.seen.x.ndim, self.seen.output.ndim
        return tuple(s for s in self.comparisons if (s.x.ndim, s.output.ndim) == axes)

    def holds(
        self,
        candidate: Callable[[Comparison], Any],
        comparisons: tuple[Comparison, ...] | None = None,
    ) -> bool:
        """Tell whether a candidate is what came, at every comparison, and is not just the truth."""
        comparisons = self.own if comparisons is None else comparisons
        if not self.usable or not self.enough or len(comparisons) < 2:
            return False
        told = [candidate(s) for s in comparisons]
        if any(t is None for t in told):
            return False
        pairs = list(zip(comparisons, told, strict=True))
        return all(s.same(t) for s, t in pairs) and not all(s.is_true(t) for s, t in pairs)
