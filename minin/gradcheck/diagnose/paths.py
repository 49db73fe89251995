"""Which of the contributions that should be summed were summed.

Each number of a gradient is a sum over output numbers: slope times upstream gradient. Grouped
by the index along one output axis, these are pieces; the fault is often that one piece only is
there (the last sample), that one is missing, or that they are weighted.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def pieces(comparison: Comparison, axis: int) -> Array | None:
    """Return the contributions of each index along one output axis (length, *x.shape)."""
    if comparison.jacobian is None:
        return None
    shares = (comparison.jacobian * comparison.grad_y.ravel()).reshape(
        comparison.x.size, *comparison.output.shape
    )
    others = tuple(k for k in range(1, shares.ndim) if k != axis + 1)
    return np.asarray(shares.sum(axis=others).T.reshape(-1, *comparison.x.shape))


def weights(comparisons: Sequence[Comparison], axis: int) -> Array | None:
    """Return a weight for each piece such that their sum is yours; None if there is none."""
    every = [pieces(s, axis) for s in comparisons]
    parts = [p for p in every if p is not None and len(p) > 1]
    if len(parts) < len(comparisons):
        return None
    pairs = list(zip(parts, comparisons, strict=True))
    matrix = np.concatenate([p[:, s.trusted].T for p, s in pairs])
    came = np.concatenate([s.analytic[s.trusted] for s in comparisons])
    if len(matrix) < len(parts[0]) + 2 or np.linalg.matrix_rank(matrix) < len(parts[0]):
        return None
    found = np.linalg.lstsq(matrix, came, rcond=None)[0]
    fit = all(s.same(np.tensordot(found, p, axes=1)) for p, s in pairs)
    return np.asarray(found) if fit else None


def subsum(evidence: Evidence) -> Explanation | None:
    """Yours is a sum of some of the contributions, or a weighted one."""
    if not evidence.usable or not evidence.enough:
        return None
    sizes = [(s.x.shape, s.output.shape) for s in evidence.measured]
    same = (s for s, size in zip(evidence.measured, sizes, strict=True) if size == sizes[0])
    comparisons = tuple(same)  # a weight for each index has no meaning at other lengths
    if len(comparisons) < 2 or not any(s.wrong.any() for s in comparisons):
        return None
    for axis in range(comparisons[0].output.ndim):
        shown = weights(comparisons, axis)
        kind = _kind(shown)
        if kind is None or shown is None:
            continue
        bug, also = _meaning(kind, axis)
        if evidence.op in ("max_pool2d", "avg_pool2d") and bug == "D6":
            bug, also = "D10", ("D6", *also)
        if bug in ("G1", "C5") and 1 in comparisons[0].x.shape:
            bug, also = "G3", (bug, *also)
        text = ", ".join(f"{0.0 if abs(w) < 1e-5 else w:.3g}" for w in shown[:6])
        what = sentence("diagnose.weighted", axis=axis, weights=text, kind=sentence(kind))
        return Explanation("partial_sum", bug, what, also)
    return None


def _kind(found: Array | None) -> str | None:
    """Choose the words for a list of weights; all of one size is no finding."""
    if found is None or np.allclose(found, found[0], atol=1e-5):
        return None
    ones = np.asarray(np.isclose(found, 1.0, atol=1e-5))
    zeros = np.asarray(np.isclose(found, 0.0, atol=1e-5))
    if bool(np.all(ones | zeros)):
        return _choose(ones)
    ratios = found[1:] / np.where(zeros[:-1], 1.0, found[:-1])
    if len(found) > 2 and np.allclose(ratios, ratios[0], rtol=1e-4):
        return "diagnose.power"
    return "diagnose.other_weights"


def _choose(ones: Array) -> str:
    if ones.sum() == 1:
        key = "diagnose.only_first" if ones[0] else "diagnose.only_one"
        return "diagnose.only_last" if ones[-1] else key
    if ones.sum() == len(ones) - 1:
        key = "diagnose.but_one" if ones[0] else "diagnose.but_first"
        return key if ones[-1] else "diagnose.but_last"
    other = ones[::2].all() and not ones[1::2].any()
    return "diagnose.every_other" if other else "diagnose.some"


def _meaning(kind: str, axis: int) -> tuple[str | None, tuple[str, ...]]:
    if kind in ("diagnose.only_first", "diagnose.only_last", "diagnose.only_one"):
        return ("C5", ("C1",)) if axis == 0 else ("G1", ("C5", "G3"))
    if kind in ("diagnose.but_first", "diagnose.but_last", "diagnose.but_one"):
        return "D6", ("D3", "C1")
    if kind == "diagnose.every_other":
        return "D1", ("D2",)
    return ("A14", ()) if kind == "diagnose.power" else (None, ("C5",))


def reduction(evidence: Evidence) -> Explanation | None:
    """Yours is the upstream gradient summed or averaged over certain axes."""
    if not evidence.usable or not evidence.enough:
        return None
    ndim = min(s.output.ndim for s in evidence.own)
    for count in range(ndim + 1):
        for axes in itertools.combinations(range(ndim), count):
            for mean in (False, True):
                if not axes and mean:
                    continue
                if evidence.holds(partial(_reduce, axes=axes, mean=mean)):
                    return _in_words(evidence, axes, mean)
    return None


def _reduce(comparison: Comparison, axes: tuple[int, ...], mean: bool) -> Array | None:
    if comparison.output.ndim < max(axes, default=-1) + 1:
        return None
    g = comparison.grad_y.mean(axes) if mean else comparison.grad_y.sum(axes)
    g = np.asarray(g)
    if g.size == comparison.x.size:
        return g.reshape(comparison.x.shape)
    kept = np.expand_dims(g, axes)
    try:
        return np.broadcast_to(kept, comparison.x.shape).copy()
    except ValueError:
        return None


def _in_words(evidence: Evidence, axes: tuple[int, ...], mean: bool) -> Explanation:
    if not axes:
        what = sentence("diagnose.not_reduced")
        return Explanation("reduced/not at all", "E3", what, ("H10", "G2"))
    needed = next(
        (
            a
            for n in range(evidence.seen.output.ndim + 1)
            for a in itertools.combinations(range(evidence.seen.output.ndim), n)
            if all(_is_true(s, a) for s in evidence.own)
        ),
        None,
    )
    key = "diagnose.mean" if mean else "diagnose.sum"
    what = sentence("diagnose.reduced", reduction=sentence(key), axes=axes)
    if needed is not None:
        what = sentence("diagnose.reduced_needed", what=what, axes=needed)
    bug = "G5" if mean else "G1"
    if 1 in evidence.seen.x.shape:
        bug = "G3"
    other = "G5" if bug == "G3" else "A2" if mean else "G3"
    return Explanation("reduced", bug, what, (other, "B5"))


def _is_true(comparison: Comparison, axes: tuple[int, ...]) -> bool:
    told = _reduce(comparison, axes, False)
    return told is not None and comparison.is_true(told)
