"""Two bugs at once: a factor on top of a known bug or of a move."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.moves import flips, swaps
from minin.gradcheck.diagnose.scale import names_of
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import Phrase, phrase, sentence

Candidate = Callable[[Comparison, int], Array | None]


def composition(evidence: Evidence) -> Explanation | None:
    """C times the gradient of a known bug, or c times the truth moved about."""
    if not evidence.usable or not evidence.enough:
        return None
    for bug, label, candidate in _candidates(evidence):
        found = [_factor(s, candidate(s, evidence.comparisons.index(s))) for s in evidence.own]
        if any(c is None for c in found):
            continue
        kept = [c for c in found if c is not None]
        named = names_of(evidence.own, kept)
        if not named and np.ptp(kept) > 1e-6 * abs(kept[0]):
            continue
        second = named[0].bug if named else "A5"
        name = named[0].label if named else f"{kept[0]:.4g}"
        what = sentence("diagnose.composed", factor=name, gradient=label)
        return Explanation("composed", bug, what, (second,))
    return None


def _candidates(evidence: Evidence) -> Iterator[tuple[str, Phrase, Candidate]]:
    if evidence.matches:
        for switch in evidence.matches[0]:

            def of_bug(s: Comparison, n: int, switch: str = switch) -> Array | None:
                g = evidence.matches[n].get(switch) if n < len(evidence.matches) else None
                return g if isinstance(g, np.ndarray) and g.shape == s.x.shape else None

            bug = switch.split()[0]
            yield bug, phrase("diagnose.with_bug", bug=bug), of_bug
    for move in [*swaps(evidence.seen.x.shape), *flips(evidence.seen.x.shape)]:

        def of_move(
            s: Comparison, _: int, kind: str = move.kind, label: Phrase = move.label
        ) -> Array | None:
            every = swaps(s.x.shape) if kind == "swap" else flips(s.x.shape)
            again = next((m for m in every if m.label == label), None)
            return None if again is None else again.apply(s.numeric)

        bug = "B1" if evidence.seen.x.ndim == 2 else "B7"
        if move.kind == "flip":
            bug = "B3" if len(move.axes) > 1 else "B12"
        yield bug, phrase("diagnose.right_moved", move=move.label), of_move


def _factor(comparison: Comparison, candidate: Array | None) -> float | None:
    if candidate is None:
        return None
    mask = comparison.trusted & np.isfinite(candidate)
    told, came = candidate[mask], comparison.analytic[mask]
    power = float(told @ told)
    if power == 0.0 or not power < np.inf:
        return None
    c = float(came @ told) / power
    return (
        c
        if abs(c) > 1e-9 and comparison.same(np.where(mask, c * candidate, np.nan), mask)
        else None
    )
