"""What the checker knows about one gradient.

`Evidence` is all sights of one argument. Recognisers read evidence and return an `Explanation`
or None; they call nothing of the code under test, so each can be tested on made-up numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.measure.sight import Sight


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known about one argument's gradient.

    Attributes:
        argument: its name.
        op: the name of the operation, if it is known.
        sights: one a probe; those where the gradient is wrong come first.
        matches: for each sight the gradients of the reference with each known bug, if known.
        nearby: the nearby function whose true gradient came, if one was found.
    """

    argument: str
    op: str | None
    sights: tuple[Sight, ...]
    matches: tuple[Mapping[str, Any], ...] = ()
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
