"""A whole term is missing or too much: a path through a mean, a norm, a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Law
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import phrase

# What was seen, and what it means.
MEANING = {
    "mean": ("contributions.mean", "contributions.mean_fix"),
    "spread": ("contributions.spread", "contributions.spread_fix"),
    "norm": ("contributions.norm", "contributions.norm_fix"),
    "output": ("contributions.output", "contributions.output_fix"),
}


def statistics(c: Contributions) -> Law | None:
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
        here += [f"{a}" for a in range(c.x.ndim) if _levels(d, c.entry[a][rows], slack)]
        if not here:
            return None
        kinds = set(here) if not kinds else kinds & set(here)
        if not kinds:
            return None
    if not kinds:
        return None
    order = ("mean", "spread", "softmax", "norm", "output", *map(str, range(c.x.ndim)))
    kind = next(k for k in order if k in kinds)
    if kind.isdigit():
        what = phrase("contributions.levels", axis=kind)
        return Law("contributions", what, None, fix=phrase("contributions.levels_fix"))
    if kind == "softmax":
        return Law("contributions", phrase("contributions.softmax"), "F2")
    seen, meant = MEANING[kind]
    return Law("contributions", phrase(seen), None, fix=phrase(meant))


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


def _levels(d: Array, index: Array, slack: float) -> bool:
    """Tell whether there is one number for each index, and each index occurs several times."""
    counts = np.bincount(index)
    if (counts > 0).sum() < 2 or counts[counts > 0].min() < 2:
        return False
    mean = np.bincount(index, d) / np.maximum(counts, 1)
    return bool((np.abs(d - mean[index]) <= slack).all())


def path(c: Contributions) -> Law | None:
    """What is wrong is the path through one of the other matrices, and the rest is right."""
    off = c.backward - c.forward
    for name, w in c.arguments.items():
        for part in _parts(w, c) if name != c.name else ():
            if _through(off, part, c) and not _through(c.forward, part, c):
                what = phrase("contributions.path", argument=name)
                return Law("contributions", what, None, fix=phrase("contributions.path_fix"))
    return None


def _parts(w: Array, c: Contributions) -> Iterator[Array]:
    """Yield the parts of a matrix that lead from the argument's last axis to the output's."""
    if w.ndim != 2 or w.dtype.kind != "f" or not c.output.ndim or not c.x.ndim:
        return
    rows, columns = c.x.shape[-1], c.output.shape[-1]
    if 1 < rows <= w.shape[0] and 1 < columns <= w.shape[1] and np.abs(w).min() > 1e-6:
        for top in {0, w.shape[0] - rows}:
            for left in range(0, w.shape[1] - columns + 1, columns):
                yield w[top : top + rows, left : left + columns]


def _through(m: Array, w: Array, c: Contributions) -> bool:
    """Tell whether a matrix is ``w`` in every block, with factors for its rows and columns."""
    parts = m.reshape(-1, w.shape[0], c.output.size // w.shape[1], w.shape[1]).swapaxes(1, 2)
    parts = parts.reshape(-1, *w.shape)
    used = parts[np.abs(parts).max(axis=(1, 2)) > 4 * float(c.slack.max())] / w
    if not len(used):
        return False
    values = np.linalg.svd(used, compute_uv=False)
    return bool((values[:, 1] <= 1e-3 * values[:, 0]).all())


def with_itself(c: Contributions) -> Law | None:
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


def rows(c: Contributions) -> Law | None:
    """For a loss of rows of scores: what is off is another target, or the label's own number."""
    if c.x.ndim != 2 or c.x.shape[1] < 3 or c.output.size > len(c.x):
        return None
    right, yours = (m.sum(axis=1).reshape(c.x.shape) for m in (c.forward, c.backward))
    slack, off = 4 * float(c.slack.max()), yours - right
    wrong = np.abs(off) > slack
    off = off[wrong.any(axis=1)]
    if (np.abs(right.sum(axis=1)) <= c.x.shape[1] * slack).all() and wrong.sum(axis=1).max() == 1:
        what = phrase("contributions.label")
        return Law("contributions", what, None, fix=phrase("contributions.label_fix"))
    order = np.sort(off, axis=1)
    level = order[:, [1]]  # of all but one
    alone = np.abs(off - level) > slack
    if len(off) > 1 and (alone.sum(axis=1) == 1).all() and np.ptp(level) <= slack < abs(level[0]):
        what = phrase(
            "contributions.target", one=f"{off[alone][0]:.4g}", others=f"{level[0, 0]:.4g}"
        )
        return Law("contributions", what, None, fix=phrase("contributions.target_fix"))
    return None


def softmax_again(c: Contributions) -> Law | None:
    """Yours is right but for one softmax: it goes through one too many, or one too few."""
    if c.x.ndim != 2 or c.output.size > len(c.x):
        return None
    right, yours = (m.sum(axis=1).reshape(c.x.shape) for m in (c.forward, c.backward))
    p = np.exp(c.x - c.x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    for one, other, said in (
        (right, yours, phrase("contributions.softmax_missing")),
        (yours, right, phrase("contributions.softmax_again")),
    ):
        through = p * (other - (p * other).sum(axis=1, keepdims=True))
        if _along(one.ravel(), through.ravel(), 8 * float(c.slack.max())):
            return Law("contributions", said, "F7")
    return None
