"""The right numbers in the wrong places; of the gradient, or of what was sent into backward.

A candidate is a function that moves numbers about. It is tried on the true gradient, and, with
the Jacobian at hand, on the upstream gradient before the true gradient is formed from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.dims import padding
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.moves import (
    Move,
    average,
    crossings,
    flips,
    reshapes,
    rolls,
    splits,
    splits_of,
    swaps,
)
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import Phrase, phrase, sentence


def permutation(evidence: Evidence) -> Explanation | None:
    """Yours is the true gradient with its numbers moved about."""
    if not evidence.usable or not evidence.enough or not evidence.wrong:
        return None
    comparison = evidence.wrong[0]
    for move in _fitting(evidence, [m for m in moves(comparison) if _fits(comparison, m)]):
        bug, also = _meaning(move, comparison)
        return Explanation(
            "permuted", bug, sentence("diagnose.moved", move=move.label), also, _fix(move, bug)
        )
    return None


def _fitting(evidence: Evidence, found: list[Move]) -> list[Move]:
    """Keep the moves that hold at every comparison, under the same label."""
    good = []
    for move in found:

        def candidate(s: Comparison, label: Phrase = move.label) -> Array | None:
            again = next((m for m in moves(s) if m.label == label), None)
            return None if again is None else again.apply(s.numeric)

        if evidence.holds(candidate):
            good.append(move)
    return good


def _fits(comparison: Comparison, move: Move) -> bool:
    told = move.apply(comparison.numeric)
    known = np.isfinite(told)
    return bool(known.any()) and comparison.same(np.where(known, told, np.nan), known)


def upstream(evidence: Evidence) -> Explanation | None:
    """On the upstream gradient: backward reads it in another order, or only part of it."""
    if not evidence.usable or not evidence.enough:
        return None
    first = next((s for s in evidence.measured if s.wrong.any()), None)
    if first is None:
        return None
    for move in _upstream_moves(first):
        if not first.same(from_upstream(first, move.apply(first.grad_y))):
            continue

        def candidate(s: Comparison, label: Phrase = move.label) -> Array | None:
            again = next((m for m in _upstream_moves(s) if m.label == label), None)
            return None if again is None else from_upstream(s, again.apply(s.grad_y))

        if evidence.holds(candidate, evidence.measured):
            bug, also = _meaning_upstream(move)
            what = sentence("diagnose.upstream_moved", move=move.label)
            return Explanation("permuted/upstream", bug, what, also, _fix(move, bug))
    return None


def from_upstream(comparison: Comparison, grad_y: Array) -> Array | None:
    """Return the true gradient for another upstream gradient, from the Jacobian."""
    if comparison.jacobian is None:
        return None
    return np.asarray(comparison.jacobian @ grad_y.ravel()).reshape(comparison.x.shape)


def moves(comparison: Comparison) -> Iterator[Move]:
    """Yield the moves that an argument's shape allows, the simplest first."""
    shape = comparison.x.shape
    yield from swaps(shape)
    yield from flips(shape)
    yield from rolls(shape, max(*padding(comparison), 1))
    yield from reshapes(shape)
    yield from splits(comparison)
    yield from crossings(shape)


def _upstream_moves(comparison: Comparison) -> Iterator[Move]:
    shape = comparison.output.shape
    yield from swaps(shape)
    yield from flips(shape)
    yield from rolls(shape, 2)
    yield from reshapes(shape)
    yield from splits_of(shape, comparison)
    yield from crossings(shape)
    for axis, size in enumerate(shape):
        if size > 1:
            label = phrase("diagnose.averaged", axis=axis)
            yield Move(label, "mean", (axis,), partial(average, axis=axis))


def _fix(move: Move, bug: str | None) -> str:
    if move.kind == "crossed":
        return sentence("diagnose.crossed_fix")
    return sentence("contributions.reversed_fix") if bug == "B12" else ""


def _meaning(move: Move, comparison: Comparison) -> tuple[str | None, tuple[str, ...]]:
    """Say which bug a move of the gradient points at."""
    four, weight = comparison.x.ndim == 4, comparison.place > 0
    if move.kind == "swap":
        return _meaning_of_swap(move.axes, four, weight)
    if move.kind == "flip":
        if set(move.axes) & {2, 3} and four:
            return "B3", ("B12",)
        return "B12", ("B5",)
    if move.kind == "roll":
        bug, other = ("D3", "D9") if len(move.axes) > 1 else ("D9", "D3")
        return bug, (other, "B11")
    if move.kind == "crossed":
        return None, ("B5",)
    if move.kind == "window":
        return "B4", ("B6", "B10")
    if move.kind == "batch":
        return "B6", ("B4", "B5")
    return _meaning_of_reshape(move.axes, weight)


def _meaning_of_swap(
    axes: tuple[int, ...], four: bool, weight: bool
) -> tuple[str, tuple[str, ...]]:
    if axes == (0, 1) and four:
        return "B9", ("B1", "B5")
    if axes == (0, 1):
        return "B1", ("B2",)
    if four and axes == (2, 3):
        return "B8" if weight else "B7", ("B7", "B10")
    return "B5", ("B7", "B9")


def _meaning_of_reshape(order: tuple[int, ...], weight: bool) -> tuple[str, tuple[str, ...]]:
    if order[:2] == (1, 0) and order[2:] == (2, 3)[: len(order) - 2]:
        return ("B9", ("B5", "B1")) if weight else ("B5", ("B9", "B6"))
    if order == (0, 1, 3, 2):
        return ("B8", ("B4", "B5")) if weight else ("B7", ("B5", "B8"))
    own = weight and order[0] == 0
    return ("B4", ("B5", "B8")) if own else ("B5", ("B4", "B6"))


def _meaning_upstream(move: Move) -> tuple[str | None, tuple[str, ...]]:
    """Say which bug a move of the upstream gradient points at."""
    if move.kind == "swap":
        return "B7", ("B5", "B1")
    if move.kind == "flip":
        return "B12", ("B3",)
    if move.kind == "roll":
        return "D3", ("D9", "B11")
    if move.kind == "mean":
        return "G5", ("A4", "H7")
    if move.kind == "crossed":
        return None, ("B5",)
    if move.kind == "window":
        return "B4", ("B6", "B5")
    if move.kind == "batch":
        return "B6", ("B5", "B4")
    return "B5", ("B6", "B4")
