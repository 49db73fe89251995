"""Pooling: the largest or the average number under each window, and the average of a map.

Pooling slides a window over each map by itself. It is the convolution's walk with another
question asked at every stop:

    max_pool2d         y[n, c, i, j] = max  of x under window (i, j)
    avg_pool2d         y[n, c, i, j] = mean of x under window (i, j)
    global_avg_pool2d  y[n, c]       = mean of the whole map

Between its mlpconv layers Network in Network pools 3x3 windows two pixels apart, so
neighbours overlap by a row, and one pixel may win in up to four windows: in backward it
receives from all of them.

Global average pooling (section 3.2 of the paper) takes the place of the fully connected
head. The last mlpconv layer makes one map for each class; the map's mean is the class's
score. There is nothing to learn in it and so nothing to overfit, and each map can be looked
at: it shows where the network saw its class.

    N images   C channels   H rows   W columns   KH KW kernel   OH OW output

Cost: KH*KW comparisons or additions an output number; no multiplications to speak of.
"""

from __future__ import annotations

import math
from typing import Any

from minin import backend
from minin.autograd import declare_branch, differentiable
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError, ShapeError
from minin.ops.reshape import crop, pad
from minin.shapes import Window


@differentiable
def max_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> OutputAndBackward:
    """Keep the largest number under each window.

    The border is -inf, which never wins over a pixel. Among equals the first wins, row by
    row; NaN wins over every number. The winner alone receives the gradient.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW).

    Args:
        x: maps.
        kernel_size: as `Window`; so are the others.
        stride: None for the kernel's size.
        padding: at most half a window.
        dilation: pixels from cell to cell.
        ceil_mode: let a last window overhang, as Caffe does.

    Raises:
        ShapeError: if x has not four axes or no window fits.
        ArgumentError: if a parameter is out of range.
        DtypeError: if x holds no floats.

    Example:
        >>> x = minin.tensor([[[[1.0, 5.0, 2.0, 0.0, 7.0]]]])
        >>> print(minin.ops.max_pool2d(x, (1, 3), 2).data)
        [[[[5. 7.]]]]

    Source: the spatial max pooling of the paper's sections 1 and 4.
    """
    window = pooling_window("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    xp, size = namespace(x), (x.shape[2], x.shape[3])
    out_size = window.output_size(size)
    border = window.border(size)
    padded = pad(x, border, value=-math.inf)  # (N, C, H + top + bottom, W + left + right)
    padded_shape = padded.shape  # for backward, which then need not keep the numbers

    # The border is -inf; where all pixels are too, the first *pixel* is the winner.
    index_dtype = xp.int16 if math.prod(window.kernel) < 2**15 else xp.int32
    first = backend.asarray(window.first_inside(out_size), like=x, dtype=index_dtype)  # (OH, OW)
    y, winner = None, None
    for k, (rows, columns) in enumerate(window.cells(out_size)):
        cell = padded[:, :, rows, columns]  # (N, C, OH, OW): what cell k of each window sees
        if y is None:
            y, winner = cell, xp.broadcast_to(first, cell.shape)  # both (N, C, OH, OW)
            continue
        wins = (cell > y) | (xp.isnan(cell) & ~xp.isnan(y))  # not on a tie: the first stays
        y = xp.where(wins, cell, y)
        winner = xp.where(wins, backend.full((), k, like=winner), winner)
    declare_branch("winner", winner)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_padded = backend.zeros(padded_shape, like=grad_y)  # as the padded image
        nothing = backend.zeros((), like=grad_y)
        for k, (rows, columns) in enumerate(window.cells(out_size)):
            grad_padded[:, :, rows, columns] += xp.where(winner == k, grad_y, nothing)
        return (crop(grad_padded, border, size),)  # (N, C, H, W)

    return y, backward


@differentiable
def avg_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> OutputAndBackward:
    """Average the numbers under each window.

    Each pixel of a window has an equal share in its average, so each receives the same share
    of the gradient, and from every window that covers it.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW).

    Args:
        x: maps.
        kernel_size: as `Window`; so are the next three.
        stride: None for the kernel's size.
        padding: at most half a window, of zeros.
        ceil_mode: let a last window overhang, as Caffe does.
        count_include_pad: divide by the window's pixels on image and border; if False, by
            those on the image. An overhang beyond the border never counts.

    Raises:
        ShapeError: if x has not four axes or no window fits.
        ArgumentError: if a parameter is out of range.
        DtypeError: if x holds no floats.

    Example:
        >>> x = minin.tensor([[[[1.0, 2.0, 6.0]]]])
        >>> print(minin.ops.avg_pool2d(x, (1, 2), 2, ceil_mode=True).data)
        [[[[1.5 6. ]]]]
    """
    window = pooling_window("avg_pool2d", x, kernel_size, stride, padding, 1, ceil_mode)
    size = (x.shape[2], x.shape[3])
    out_size = window.output_size(size)
    border = window.border(size)
    padded = pad(x, border)  # (N, C, H + top + bottom, W + left + right)
    rows_seen, columns_seen = window.coverage(size, bool(count_include_pad))
    counts = [[float(max(r * c, 1)) for c in columns_seen] for r in rows_seen]
    count = backend.asarray(counts, like=x, dtype=x.dtype)  # (OH, OW)

    total = backend.zeros((*x.shape[:2], *out_size), like=x)  # (N, C, OH, OW)
    for rows, columns in window.cells(out_size):
        total += padded[:, :, rows, columns]  # (N, C, OH, OW)
    padded_shape = padded.shape

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        share = grad_y / count  # (N, C, OH, OW)
        grad_padded = backend.zeros(padded_shape, like=grad_y)  # as the padded image
        for rows, columns in window.cells(out_size):
            grad_padded[:, :, rows, columns] += share  # (N, C, OH, OW)
        return (crop(grad_padded, border, size),)  # (N, C, H, W)

    return total / count, backward


@differentiable
def global_avg_pool2d(x: Array) -> OutputAndBackward:
    """Average each map into one number.

    In backward every pixel of a map receives 1 / (H*W) of the map's gradient.

    Shapes: x (N, C, H, W) -> (N, C).

    Raises:
        ShapeError: if x has not four axes, or a map has no pixel.
        DtypeError: if x holds no floats.

    Example:
        >>> x = minin.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
        >>> print(minin.ops.global_avg_pool2d(x).data)
        [[3.]]

    Source: section 3.2 of the paper.
    """
    require.floating("global_avg_pool2d", x=x)
    xp = namespace(x)
    n, c, h, w = x.shape
    if h * w == 0:
        raise ShapeError(f"global_avg_pool2d: each map must have a pixel, got shape {(n, c, h, w)}")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        share = xp.reshape(grad_y / (h * w), (n, c, 1, 1))  # (N, C, 1, 1)
        return (xp.broadcast_to(share, (n, c, h, w)),)  # every pixel of a map has the same share

    return xp.mean(x, axis=(2, 3)), backward  # (N, C)


def pooling_window(op: str, x: Array, kernel: Any, stride: Any, *others: Any) -> Window:
    """Read and check what the two windowed poolings have in common."""
    require.floating(op, x=x)
    window = Window.of(kernel, kernel if stride is None else stride, *others)
    for axis, name in enumerate(("rows", "columns")):
        if max(window.padding[axis]) * 2 > window.extent[axis]:
            raise ArgumentError(
                f"{op}: padding must be at most half the window's {window.extent[axis]} {name}, "
                f"got {window.padding[axis]}; a window there would see no pixel"
            )
    return window
