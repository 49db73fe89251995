"""A whole term is missing or too much: a path through a mean, a norm, a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Known, Law
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import phrase

# What was seen, and what it means.
MEANING = {
    "mean": ("contributions.mean", "contributions.mean_fix"),
    "spread": ("contributions.spread", "contributions.spread_fix"),
    "norm": ("contributions.norm", "contributions.norm_fix"),
    "output": ("contributions.output", "contributions.output_fix"),
}


def statistics(c: Contributions, _: Known) -> Law | None:
    """What is wrong is, for each output number, a multiple of x, of x - mean, or of 1."""
    off = c.backward - c.forward
    x = c.x.ravel()
    kinds: set[str] = set()
    for column in np.flatnonzero((~c.right).any(axis=0)):
        rows = np.flatnonzero((np.abs(off[:, column]) > 1e-9) & c.judged & c.wanted[:, column])
        rows = np.flatnonzero(c.wanted[:, column]) if len(rows) < 3 else rows
        if len(rows) < 3 or (~c.right[:, column] & ~c.wanted[:, column]).any():
            return None
        d, slack = off[rows, column], 4 * float(c.slack[rows, column].max())
        here = [k for k, v in _vectors(x, rows, c, column) if _along(d, v, slack)]
        if not here:
            return None
        kinds = set(here) if not kinds else kinds & set(here)
        if not kinds:
            return None
    if not kinds:
        return None
    kind = next(k for k in ("mean", "spread", "softmax", "norm", "output") if k in kinds)
    if kind == "softmax":
        return Law("contributions", phrase("contributions.softmax"), "F2")
    what, fix = MEANING[kind]
    return Law("contributions", phrase(what), None, fix=phrase(fix))


def _vectors(x: Array, rows: Array, c: Contributions, column: Any) -> list[tuple[str, Array]]:
    whole = np.flatnonzero(c.wanted[:, column])
    v = x[rows]
    found = [("mean", np.ones(len(rows))), ("spread", v - x[whole].mean()), ("norm", v)]
    if c.output.shape == c.x.shape:
        p, own = float(c.output.ravel()[column]), float(c.forward[column, column])
        found.append(
            ("softmax" if abs(own - p * (1 - p)) < 1e-6 else "output", c.output.ravel()[rows])
        )
    return found


def _along(d: Array, v: Array, slack: float) -> bool:
    power = float(v @ v)
    return power > 0 and bool((np.abs(d - float(d @ v) / power * v) <= slack).all())


def path(c: Contributions, _: Known) -> Law | None:
    """What is wrong is the path through one of the other matrices, and the rest is right."""
    off = c.backward - c.forward
    off = np.where(np.abs(off) > c.slack, off, 0.0)
    for name, w in c.arguments.items():
        if name == c.name or w.ndim != 2 or w.dtype.kind != "f" or min(w.shape) < 2:
            continue
        if np.abs(w).min() > 1e-6 and _through(off, w, c) and not _through(c.forward, w, c):
            what = phrase("contributions.path", argument=name)
            return Law("contributions", what, None, fix=phrase("contributions.path_fix"))
    return None


def _through(m: Array, w: Array, c: Contributions) -> bool:
    """Tell whether a matrix is ``w`` in every block, with factors for its rows and columns."""
    a, b = c.x.ndim - 1, c.output.ndim - 1
    if b < 0 or (c.x.shape[a], c.output.shape[b]) != w.shape:
        return False
    parts = m.reshape(-1, w.shape[0], c.output.size // w.shape[1], w.shape[1]).swapaxes(1, 2)
    ratios = parts.reshape(-1, *w.shape) / w
    used = ratios[np.abs(ratios).max(axis=(1, 2)) > 0]
    if not len(used):
        return False
    values = np.linalg.svd(used, compute_uv=False)
    return bool((values[:, 1] <= 1e-4 * values[:, 0]).all())


def with_itself(c: Contributions, _: Known) -> Law | None:
    """For a loss: a times the right gradient, plus b times the argument: a penalty's share."""
    if c.output.size != 1 or c.x.size < 5:
        return None
    right, yours, x = c.forward[:, 0], c.backward[:, 0], c.x.ravel()
    keep = c.judged
    matrix = np.stack([right, x], axis=1)[keep]
    if np.linalg.matrix_rank(matrix) < 2:
        return None
    a, b = np.linalg.lstsq(matrix, yours[keep], rcond=None)[0]
    if np.abs(matrix @ [a, b] - yours[keep]).max() > 4 * float(c.slack.max()) or abs(b) < 1e-7:
        return None
    if abs(a) < 1e-6:
        return None
    penalty = b / (1 - a) if abs(a - 1) > 1e-6 else b
    what = phrase("contributions.penalty", a=f"{a:.5g}", b=f"{penalty:.5g}")
    if abs(a - 1) < 1e-6:
        what = phrase("contributions.penalty_alone", b=f"{b:.5g}")
    return Law("contributions", what, None, fix=phrase("contributions.penalty_fix", a=f"{a:.5g}"))
