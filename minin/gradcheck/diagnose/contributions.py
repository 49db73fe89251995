"""What backward does to single contributions: the simplest law that holds at two inputs.

Both Jacobians are compared pair by pair. A law is told only if it is found again at other numbers
of the same shapes; where none is found, the contributions are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from minin.gradcheck.diagnose import factors, lost, moved, terms
from minin.gradcheck.diagnose.law import Law
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import sentence

LAWS: tuple[Callable[[Contributions], Law | None], ...] = (
    lost.lost, lost.copies, terms.softmax_again, terms.rows, lost.masks, moved.frozen,
    factors.factors, terms.with_itself, terms.statistics, factors.other_numbers, moved.windows,
    lost.sums, terms.path, factors.by_indices,
)  # fmt: skip


def read(name: str, pairs: Sequence[Mapping[str, Contributions]]) -> Explanation | None:
    """Explain one argument's gradient by its contributions; count them where no law holds."""
    found_at = [p[name] for p in pairs if name in p]
    if not found_at or found_at[0].right.all() or factors.whole(found_at[0]) is not None:
        return None
    first, *others = found_at
    for law in LAWS:
        found = law(first)
        if found is not None and all(_again(law, found, c) for c in others):
            fix = "" if found.fix is None else str(found.fix)
            return Explanation(found.kind, found.bug, str(found.what), found.also, fix)
    return _counted(first)


def _again(law: Callable[[Contributions], Law | None], found: Law, c: Contributions) -> bool:
    again = None if c.right.all() else law(c)
    told = None if again is None else (again.what.key, again.bug)
    return c.right.all() or told == (found.what.key, found.bug)


def _counted(c: Contributions) -> Explanation | None:
    """Say how many contributions are as they should be, and what became of the others."""
    if c.output.size == 1:
        return None
    gone, extra = c.wanted & ~c.came, c.came & ~c.wanted
    scaled = c.wanted & c.came & ~c.right
    doubled = scaled & (np.abs(c.backward - 2 * c.forward) <= 2 * c.slack)
    what = sentence(
        "contributions.table", right=(c.wanted & c.right).sum(), lost=gone.sum(),
        doubled=doubled.sum(), scaled=(scaled & ~doubled).sum(), invented=extra.sum(),
    )  # fmt: skip
    return Explanation("contributions/table", None, what, fix=sentence("contributions.table_fix"))
