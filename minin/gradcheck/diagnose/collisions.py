"""Of several contributions that meet in one number, a single one is left."""

from __future__ import annotations

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.additive import labels_of
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.diagnose.support import selects
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def overwriting(evidence: Evidence) -> Explanation | None:
    """Each number is one of its contributions, where it should be their sum."""
    comparisons = [s for s in evidence.measured if s.wrong.any()]
    if not evidence.usable or not evidence.enough or len(comparisons) < 2:
        return None
    found = [one_of(s) for s in comparisons]
    if not all(found):
        return None
    picks = any(
        isinstance(a, np.ndarray) and a.dtype.kind in "iu" for a in comparisons[0].arguments
    )
    bug = "C2" if picks else "C3" if selects(comparisons[0], evidence.op) else "C1"
    also = tuple(b for b in ("C1", "C2", "C3") if b != bug)
    return Explanation(
        "partial_sum/one left",
        bug,
        sentence("diagnose.one_left"),
        also,
    )


def shares(comparison: Comparison) -> Array | None:
    """Return what each output place contributes to each entry (entries, places)."""
    if comparison.jacobian is None:
        return None
    parts = (comparison.jacobian * comparison.grad_y.ravel()).reshape(
        comparison.x.size, *comparison.output.shape
    )
    if comparison.output.ndim >= 3:
        parts = parts.sum(axis=2)  # the channels of one place belong together
    return np.asarray(parts.reshape(comparison.x.size, -1))


def one_of(comparison: Comparison) -> bool:
    """Tell whether every wrong number is one of two or more contributions to it."""
    parts = shares(comparison)
    if parts is None:
        return False
    wrong = comparison.wrong.ravel()
    rows, came = parts[wrong], comparison.analytic.ravel()[wrong]
    there = np.abs(rows) > 1e-9
    if there.sum(axis=1).min(initial=2) < 2 or int(wrong.sum()) < 3:
        return False
    slack = comparison.tolerance + 1e-6 * float(np.max(np.abs(came), initial=0.0))
    close = there & (np.abs(rows - came[:, None]) <= slack)
    return bool(close.any(axis=1).mean() > 0.98)


def diagonal(evidence: Evidence) -> Explanation | None:
    """Each number has its own output's contribution, and none of the others'."""
    comparisons = evidence.measured
    if len(comparisons) < 2 or any(s.output.shape != s.x.shape for s in comparisons):
        return None

    def own(s: Comparison) -> Array:
        assert s.jacobian is not None  # measured
        return np.asarray(np.diag(s.jacobian).reshape(s.x.shape) * s.grad_y)

    if not evidence.holds(own, comparisons):
        return None
    return Explanation(
        "partial_sum/diagonal",
        "F2",
        sentence("diagnose.diagonal"),
        ("C4", "E3"),
    )


def unequal_rows(evidence: Evidence) -> Explanation | None:
    """What has to hold along one axis (softmax: slopes add up to 0) holds along another."""
    if not evidence.usable or not evidence.enough:
        return None
    comparisons = [s for s in evidence.wrong if s.base == 0]
    if not comparisons or comparisons[0].x.ndim < 2:
        return None
    axes = range(comparisons[0].x.ndim)
    true = [k for k in axes if all(_sums_to_zero(s.numeric, s, k) for s in comparisons)]
    came = [k for k in axes if all(_sums_to_zero(s.analytic, s, k) for s in comparisons)]
    if len(true) != 1:
        return None
    if not came:
        came = [k for k in axes if k != true[0] and all(_normalised(s, k) for s in comparisons)]
    if len(came) != 1 or came == true:
        return None
    return Explanation(
        "invariant",
        "F1",
        sentence("diagnose.softmax_axis", true=true[0], came=came[0]),
        ("F2",),
    )


def _normalised(s: Comparison, axis: int) -> bool:
    """Tell whether yours is a softmax's gradient along an axis, or that of its cross entropy."""
    if s.output.shape == s.x.shape:
        p, g = s.output, s.grad_y
        return s.same(p * (g - np.sum(g * p, axis=axis, keepdims=True)))
    labels = labels_of(s)
    if labels is None or axis != 0:
        return False
    powers = np.exp(s.x - s.x.max(axis=0))
    d = powers / powers.sum(axis=0)
    d[np.arange(len(labels)), labels] -= 1.0
    up = s.grad_y.reshape(-1, 1) if s.grad_y.size == len(labels) else s.grad_y
    rows = d * up
    c = float(np.sum(rows * s.analytic) / max(float(np.sum(rows * rows)), 1e-300))
    return s.same(c * rows)


def _sums_to_zero(a: Array, s: Comparison, axis: int) -> bool:
    size = float(np.max(np.abs(a), initial=0.0))
    off = float(np.max(np.abs(np.sum(a, axis=axis)), initial=0.0))
    return size > 0 and off <= 10 * s.tolerance + 1e-6 * size and s.x.shape[axis] > 1
