"""Pooling: the largest pixel of a window, the mean of a window, the mean of a whole map.

Backward sends each window's gradient to its cells (all to the winner, or a share to each) and
`windows.scatter` adds the cells up where windows overlap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    image_lengths,
    kernel_lengths,
    stride_and_pad,
    upstream,
)
from minin.gradcheck.recognise.references.windows import (
    SCATTER,
    Grid,
    cut,
    gather,
    grid_of,
    scatter,
)

# ----------------------------------------------------------------------------- max_pool2d


def max_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    pad: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Cache]:
    """Take the largest pixel of each window; padding is -inf and never wins.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW).
    """
    stride = kernel_size if stride is None else stride
    grid = grid_of(x.shape[2:], kernel_size, stride, pad, dilation, ceil_mode)
    y = gather(x, grid, -np.inf).max(axis=(2, 3))
    return np.asarray(y), (x, grid)


def max_pool2d_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Send each gradient to the first of the largest pixels of its window."""
    x, grid = cache
    grad_y = upstream(grad_y, bug)
    cells = gather(x, grid, 0.0 if bug == "D7" else -np.inf)
    if bug in ("C2", "C3"):
        return (_assign(grad_y, _winners(cells), grid),)
    shares = _shares(cells, bug) * grad_y[:, :, None, None]
    grad_x = scatter(shares, grid, _OVERLAP.get(bug or "", bug))
    return (grad_x[:, ::-1] if bug == "B12" else grad_x,)


# A window or a kernel cell that assigns mask * gradient also wipes out its neighbours' zeros.
_OVERLAP = {"C3 windows": "C1 windows", "C3 cells": "C1"}


def _winners(cells: Array) -> Array:
    """Number the first of the largest cells of each window, row by row.

    Shapes: cells (N, C, KH, KW, OH, OW) -> (N, C, OH, OW).
    """
    n, c, kh, kw, oh, ow = cells.shape
    return np.asarray(cells.reshape(n, c, kh * kw, oh, ow).argmax(axis=2))


def _shares(cells: Array, bug: str | None) -> Array:
    """Say which part of a window's gradient each of its cells receives.

    Shapes: cells (N, C, KH, KW, OH, OW) -> the same.
    """
    tied = np.where(cells == cells.max(axis=(2, 3), keepdims=True), 1.0, 0.0)
    if bug == "E4":
        return tied
    if bug == "E5":
        return np.asarray(tied / tied.sum(axis=(2, 3), keepdims=True))
    if bug == "E6":
        return np.ones_like(cells)
    if bug == "E6 shared":
        return np.full_like(cells, 1.0 / (cells.shape[2] * cells.shape[3]))
    kh, kw = cells.shape[2:4]
    numbers = np.arange(kh * kw).reshape(kh, kw)
    if bug == "B10":  # numbered column by column
        numbers = np.arange(kh * kw).reshape(kw, kh).T
    return np.asarray(numbers[:, :, None, None] == _winners(cells)[:, :, None, None])


def _assign(grad_y: Array, winners: Array, grid: Grid) -> Array:
    """Give each winning pixel the gradient of the last window that it won."""
    rows, columns = grid.rows, grid.columns
    n, c, i, j = np.indices(grad_y.shape)
    down = i * rows.stride + winners // columns.kernel * rows.dilation
    across = j * columns.stride + winners % columns.kernel * columns.dilation
    image = np.zeros((*grad_y.shape[:2], rows.buffer, columns.buffer), dtype=grad_y.dtype)
    image[n, c, down, across] = grad_y
    return cut(image, grid, None)


def draw_pool(rng: Rng) -> tuple[list[Array], Params]:
    """Draw an image and windows: 2x2 by 2, overlapping 3x3 by 2, or any other."""
    (n, c), size = image_lengths(rng, 2)
    kind = rng.random()
    if kind < 0.15:
        params: Params = {"kernel_size": 2, "stride": 2}
    elif kind < 0.4:
        params = {"kernel_size": 3, "stride": 2, "pad": int(rng.integers(0, 2))}
    else:
        kernel = kernel_lengths(rng, size)
        params = {"kernel_size": kernel, **stride_and_pad(rng, kernel)}
        params["pad"] = _at_most_half(params["pad"], kernel)
    if coin(rng, 0.4):
        params["ceil_mode"] = True
    return [distinct(rng, (n, c, *size))], params


def _at_most_half(pad: Any, kernel: tuple[int, int]) -> Any:
    """Limit the padding to half a kernel, so that every window sees a pixel."""
    if isinstance(pad, int):
        return min(pad, *(k // 2 for k in kernel))
    return tuple(min(p, k // 2) for p, k in zip(pad, kernel, strict=True))


def draw_ties(rng: Rng) -> tuple[list[Array], Params]:
    """Draw as `draw_pool`, with few different values, so that many windows are tied."""
    (x,), params = draw_pool(rng)
    return [np.round(x)], params


# ----------------------------------------------------------------------------- avg_pool2d


def avg_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    pad: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> tuple[Array, Cache]:
    """Average each window; what ceil mode adds beyond the padding is never counted.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW).
    """
    stride = kernel_size if stride is None else stride
    grid = grid_of(x.shape[2:], kernel_size, stride, pad, 1, ceil_mode)
    y = gather(x, grid).sum(axis=(2, 3)) / _counts(grid, count_include_pad)
    return np.asarray(y), (grid, count_include_pad)


def avg_pool2d_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Give each cell of a window an equal share of its gradient."""
    grid, include = cache
    share = upstream(grad_y, bug) / _wrong_counts(grid, include, bug)
    kernel = (grid.rows.kernel, grid.columns.kernel)
    cells = np.broadcast_to(share[:, :, None, None], (*share.shape[:2], *kernel, *share.shape[2:]))
    grad_x = scatter(cells, grid, bug)
    return (grad_x[:, ::-1] if bug == "B12" else grad_x,)


def _counts(grid: Grid, include: bool) -> Array:
    """Count what each window averages, along the rows times along the columns.

    Shapes: -> (OH, OW).
    """
    counts = []
    for line in (grid.rows, grid.columns):
        low = 0 if include else line.before
        high = line.before + line.length + (line.after if include else 0)
        starts = np.arange(line.outputs) * line.stride
        ends = np.minimum(starts + line.kernel, high)
        counts.append(ends - np.maximum(starts, low))
    return np.asarray(np.multiply.outer(counts[0], counts[1]), dtype=float)


def _wrong_counts(grid: Grid, include: bool, bug: str | None) -> Array:
    if bug == "A4":
        return np.full((), float(grid.rows.kernel))
    if bug == "A4 missing":
        return np.ones(())
    return _counts(grid, not include if bug == "A4 border" else include)


def draw_avg_pool2d(rng: Rng) -> tuple[list[Array], Params]:
    """Draw as for max pooling, with either way to count the padding."""
    inputs, params = draw_pool(rng)
    if coin(rng):
        params["count_include_pad"] = False
    return inputs, params


# ---------------------------------------------------------------------- global_avg_pool2d


def global_avg_pool2d(x: Array) -> tuple[Array, Cache]:
    """Average each feature map.

    Shapes: x (N, C, H, W) -> (N, C).
    """
    return np.asarray(x.mean(axis=(2, 3))), x.shape


def global_avg_pool2d_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Give each pixel of a map the same share of its gradient."""
    n, c, h, w = cache
    divisor = {"A3": 1, "A4": h, "A4 channels": c * h * w}.get(bug or "", h * w)
    share = upstream(grad_y, bug) / divisor
    if bug == "A14":  # the division stands inside the loop over the samples
        share = share / float(h * w) ** np.arange(n - 1, -1, -1)[:, None]
    if bug == "B5":  # (N, H, W, C) reshaped to (N, C, H, W)
        wide = np.broadcast_to(share[:, None, None], (n, h, w, c))
        return (wide.reshape(n, c, h, w),)
    if bug == "B7":
        h, w = w, h
    if bug == "B12":
        share = share[:, ::-1]
    return (np.array(np.broadcast_to(share[:, :, None, None], (n, c, h, w))),)


def draw_global_avg_pool2d(rng: Rng) -> tuple[list[Array], Params]:
    """Draw an image."""
    (n, c), size = image_lengths(rng, 2)
    return [distinct(rng, (n, c, *size))], {}


# Pooling has no weights, its padding is symmetric, and "D10" comes with ceil mode.
_WINDOWED = (*(bug for bug in SCATTER if not bug.startswith(("C", "D2", "B8", "D9"))), "D10")

MAX_POOL2D = Reference(
    "max_pool2d", ("x",), max_pool2d, max_pool2d_backward, draw_pool,
    dict.fromkeys((*(*UPSTREAM, *_WINDOWED, "B10", "B12", "C2", "C3", "C3 windows", "C3 cells"),
    *("D7", "E4", "E5", "E6", "E6 shared")), "x"),
)  # fmt: skip
AVG_POOL2D = Reference(
    "avg_pool2d", ("x",), avg_pool2d, avg_pool2d_backward, draw_avg_pool2d,
    dict.fromkeys((*(*UPSTREAM, *_WINDOWED, "A4", "A4 missing", "A4 border", "B12"), *("C1",
    "C1 windows", "C2")), "x"),
)  # fmt: skip
GLOBAL_AVG_POOL2D = Reference(
    "global_avg_pool2d", ("x",), global_avg_pool2d, global_avg_pool2d_backward,
    draw_global_avg_pool2d,
    dict.fromkeys((*UPSTREAM, "A3", "A4", "A4 channels", "A14", "B5", "B7", "B12"), "x"),
)  # fmt: skip
