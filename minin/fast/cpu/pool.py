"""Max pooling, channels last: rows of channels are compared, first across, then down.

The maximum of a KH x KW window is the maximum over its rows of the maximum over their columns.
Two short walks of KW and KH steps do what the plain rule's walk does in KH*KW, and each step
compares whole rows of channels:

    across (n, h, OW, C)   =  max over b of padded[:, :, b * DW + SW * j]
    y      (n, OH, OW, C)  =  max over a of across[:, a * DH + SH * i]

No winner is written down. Backward walks the KH*KW cells in the plain rule's order, and the first
that equals the maximum takes the gradient, which needs no more than the input and the output.

Cost: KW*h*OW + KH*OH*OW comparisons a channel; backward KH*KW*OH*OW, about five passes each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.state import STATE
from minin.backend import Array
from minin.fast.coverage import covers_max_pool2d
from minin.fast.cpu import plan, recycle, scratch
from minin.fast.cpu.layout import WorkTile, channels_first, channels_last, keep_where
from minin.fast.cpu.workers import run
from minin.ops.pool import max_pool2d, pooling_window
from minin.shapes import Window


class WindowAxis(NamedTuple):
    """A window along one axis, and which pixels its cells see: no border is ever copied."""

    kernel: int
    stride: int
    dilation: int
    border: int  # pixels of it before the image

    @classmethod
    def of(cls, window: Window) -> tuple[WindowAxis, WindowAxis]:
        """Take a window apart: (rows, columns)."""
        low = [before for before, _ in window.padding]
        rows, columns = zip(window.kernel, window.stride, window.dilation, low, strict=True)
        return cls(*rows), cls(*columns)

    def walk(self, first: int, last: int, length: int) -> Iterator[tuple[slice, slice]]:
        """Yield, cell by cell, those of the outputs whose pixel is on the image, and the pixels.

        Args:
            first: number of the first output; the yielded outputs are counted from it.
            last: number beyond the last output.
            length: pixels of the image on this axis.
        """
        for cell in range(self.kernel):
            offset = cell * self.dilation - self.border  # pixel of output 0
            start = max(first, -(offset // self.stride))
            stop = min(last, (length - 1 - offset) // self.stride + 1)
            if start < stop:
                low, high = (offset + output * self.stride for output in (start, stop - 1))
                yield slice(start - first, stop - first), slice(low, high + 1, self.stride)

    def span(self, first: int, last: int, length: int) -> tuple[int, int]:
        """Return the first pixel that some outputs see, and the one beyond the last."""
        reach = (self.kernel - 1) * self.dilation + 1 - self.border
        low, high = first * self.stride - self.border, (last - 1) * self.stride + reach
        return max(low, 0), min(high, length)


@max_pool2d.accelerate("numpy", covers_max_pool2d)
def fast_max_pool2d(
    x: Array,
    *,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> OutputAndBackward:
    """Pool image by image."""
    window = pooling_window("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    images = channels_last(x)  # (N, H, W, C)
    n, h, w, c = images.shape
    oh, ow = window.output_size((h, w))
    y = recycle.empty((n, oh, ow, c), x.dtype)
    # Many short calls: they wait for each other's turn in Python unless each has much to do.
    tasks = list(plan.tiles(n, oh, _bytes_per_row(images, window) // 4))

    def forward(number: int) -> None:
        for tile in tasks[number]:
            _largest(images, tile, window, tile.of(y))

    run(forward, len(tasks))
    if STATE.get().tape is not None:
        _by_the_book(x, window)  # which declares the winners

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        if np.isnan(np.min(y)):  # rare, and NaN equals nothing
            (grad_x,) = _by_the_book(x, window)(grad_y)
        else:
            grad_x = _scattered(images, y, channels_last(grad_y), window, tasks)
        return (grad_x,)

    return channels_first(y), backward


def _by_the_book(x: Array, window: Window) -> Any:
    """Run the plain rule; return its backward."""
    return max_pool2d.rule(
        x,
        kernel_size=window.kernel,
        stride=window.stride,
        padding=window.padding,
        dilation=window.dilation,
        ceil_mode=window.ceil_mode,
    )[1]


def _scattered(
    images: Array, y: Array, grad: Array, window: Window, tasks: list[list[WorkTile]]
) -> Array:
    """Give every window's gradient to its winner.

    Shapes: images (N, H, W, C), y and grad (N, OH, OW, C) -> (N, C, H, W).
    """
    grad_images = recycle.empty_like(images)

    def task(number: int) -> None:
        tiles = tasks[number]
        grad_images[tiles[0].first : tiles[0].last].fill(0)
        for tile in tiles:
            _scatter(images, tile, window, tile.of(y), tile.of(grad), grad_images)

    run(task, len(tasks))
    return channels_first(grad_images)


def _bytes_per_row(images: Array, window: Window) -> int:
    """Count what one row of the output, and the rows that it sees, take in memory."""
    row: int = images[0, 0].nbytes
    return 2 * row * window.stride[0] + 3 * row // window.stride[1]


def _largest(images: Array, tile: WorkTile, window: Window, y: Array) -> None:
    """Write the maxima of a tile.  Shapes: images (N, H, W, C) -> y (n, rows, OW, C)."""
    rows, columns = WindowAxis.of(window)
    _, h, w, c = images.shape
    low, high = rows.span(tile.top, tile.top + y.shape[1], h)  # image rows that are seen
    part = images[tile.first : tile.last, low:high]
    across = scratch.take("across", (len(part), high - low, y.shape[2], c), y.dtype)
    across.fill(-math.inf)
    for inside, pixels in columns.walk(0, y.shape[2], w):
        here = across[:, :, inside]
        np.maximum(here, part[:, :, pixels], out=here)
    y.fill(-math.inf)
    for inside, pixels in rows.walk(tile.top, tile.top + y.shape[1], h):
        here = y[:, inside]
        np.maximum(here, across[:, pixels.start - low : pixels.stop - low : pixels.step], out=here)


def _scatter(
    images: Array, tile: WorkTile, window: Window, y: Array, grad: Array, grad_images: Array
) -> None:
    """Add each window's gradient to the first of its pixels that equals the maximum.

    Shapes: images and grad_images (N, H, W, C), y and grad (n, rows, OW, C).
    """
    rows, columns = WindowAxis.of(window)
    _, h, w, _ = images.shape
    free = scratch.take("free", y.shape, np.bool_)
    free.fill(True)
    wins = scratch.take("wins", y.shape, np.bool_)
    share = scratch.take("share", y.shape, y.dtype)
    for inside_rows, down in rows.walk(tile.top, tile.top + y.shape[1], h):
        for inside_columns, across in columns.walk(0, y.shape[2], w):
            cells = (slice(None), inside_rows, inside_columns)  # of y whose pixel exists
            pixels = (slice(tile.first, tile.last), down, across)
            won, left, here = wins[cells], free[cells], grad_images[pixels]
            np.equal(images[pixels], y[cells], out=won)
            np.logical_and(won, left, out=won)
            np.logical_xor(left, won, out=left)
            keep_where(share[cells], grad[cells], won)
            np.add(here, share[cells], out=here)
