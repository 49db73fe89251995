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
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.measure.sight import Sight


def pieces(sight: Sight, axis: int) -> Array | None:
    """Return the contributions of each index along one output axis (length, *x.shape)."""
    if sight.jacobian is None:
        return None
    shares = (sight.jacobian * sight.cotangent.ravel()).reshape(sight.x.size, *sight.output.shape)
    others = tuple(k for k in range(1, shares.ndim) if k != axis + 1)
    return np.asarray(shares.sum(axis=others).T.reshape(-1, *sight.x.shape))


def weights(sights: Sequence[Sight], axis: int) -> Array | None:
    """Return a weight for each piece such that their sum is yours; None if there is none."""
    every = [pieces(s, axis) for s in sights]
    parts = [p for p in every if p is not None and len(p) > 1]
    if len(parts) < len(sights):
        return None
    pairs = list(zip(parts, sights, strict=True))
    matrix = np.concatenate([p[:, s.trusted].T for p, s in pairs])
    came = np.concatenate([s.analytic[s.trusted] for s in sights])
    if len(matrix) < len(parts[0]) + 2 or np.linalg.matrix_rank(matrix) < len(parts[0]):
        return None
    found = np.linalg.lstsq(matrix, came, rcond=None)[0]
    fit = all(s.same(np.tensordot(found, p, axes=1)) for p, s in pairs)
    return np.asarray(found) if fit else None


def subsum(evidence: Evidence) -> Explanation | None:
    """Yours is a sum of some of the contributions, or a weighted one."""
    if not evidence.usable or not evidence.enough:
        return None
    sights = evidence.measured
    if len(sights) < 2 or not any(s.wrong.any() for s in sights):
        return None
    for axis in range(sights[0].output.ndim):
        shown = weights(sights, axis)
        kind = _kind(shown)
        if kind is None or shown is None:
            continue
        bug, also = _meaning(kind, axis)
        if evidence.op in ("max_pool2d", "avg_pool2d") and bug == "D6":
            bug, also = "D10", ("D6", *also)
        if bug in ("G1", "C5") and 1 in sights[0].x.shape:
            bug, also = "G3", (bug, *also)
        text = ", ".join(f"{0.0 if abs(w) < 1e-5 else w:.3g}" for w in shown[:6])
        what = f"yours = the contributions along output axis {axis}, weighted {text}: {kind}"
        return Explanation("partial_sum", bug, what, also)
    return None


def _kind(found: Array | None) -> str | None:
    """Name a list of weights; "all" is no finding."""
    if found is None or np.allclose(found, found[0], atol=1e-5):
        return None
    ones = np.asarray(np.isclose(found, 1.0, atol=1e-5))
    zeros = np.asarray(np.isclose(found, 0.0, atol=1e-5))
    if bool(np.all(ones | zeros)):
        return _chosen(ones)
    ratios = found[1:] / np.where(zeros[:-1], 1.0, found[:-1])
    if len(found) > 2 and np.allclose(ratios, ratios[0], rtol=1e-4):
        return "a power for each"
    return "other weights"


def _chosen(ones: Array) -> str:
    if ones.sum() == 1:
        return "the last alone" if ones[-1] else "the first alone" if ones[0] else "one alone"
    if ones.sum() == len(ones) - 1:
        return (
            "all but the last"
            if not ones[-1]
            else "all but the first"
            if not ones[0]
            else ("all but one")
        )
    return "every other" if ones[::2].all() and not ones[1::2].any() else "some"


def _meaning(kind: str, axis: int) -> tuple[str | None, tuple[str, ...]]:
    if kind == "a power for each":
        return "A14", ()
    if kind.endswith("alone") and axis == 0:
        return "C5", ("C1",)
    if kind.endswith("alone"):
        return "G1", ("C5", "G3")
    if kind.startswith("all but"):
        return "D6", ("D3", "C1")
    if kind == "every other":
        return "D1", ("D2",)
    return None, ("C5",)


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
                if evidence.holds(partial(_reduced, axes=axes, mean=mean)):
                    return _told(evidence, axes, mean)
    return None


def _reduced(sight: Sight, axes: tuple[int, ...], mean: bool) -> Array | None:
    if sight.output.ndim < max(axes, default=-1) + 1:
        return None
    g = sight.cotangent.mean(axes) if mean else sight.cotangent.sum(axes)
    g = np.asarray(g)
    if g.size == sight.x.size:
        return g.reshape(sight.x.shape)
    kept = np.expand_dims(g, axes)
    try:
        return np.broadcast_to(kept, sight.x.shape).copy()
    except ValueError:
        return None


def _told(evidence: Evidence, axes: tuple[int, ...], mean: bool) -> Explanation:
    how = "mean" if mean else "sum"
    needed = next(
        (
            a
            for n in range(evidence.seen.output.ndim + 1)
            for a in itertools.combinations(range(evidence.seen.output.ndim), n)
            if all(_is_true(s, a) for s in evidence.own)
        ),
        None,
    )
    what = (
        f"yours = the {how} of the upstream gradient over axes {axes}"
        if axes
        else ("yours = the upstream gradient as it came")
    )
    if not axes:
        return Explanation("reduced/not at all", "E3", what, ("H10", "G2"))
    if needed is not None:
        what += f"; needed: the sum over {needed}"
    bug = "G5" if mean else "G1"
    if 1 in evidence.seen.x.shape:
        bug = "G3"
    return Explanation(
        "reduced", bug, what, ("G5" if bug == "G3" else "A2" if mean else "G3", "B5")
    )


def _is_true(sight: Sight, axes: tuple[int, ...]) -> bool:
    told = _reduced(sight, axes, False)
    return told is not None and sight.is_true(told)
