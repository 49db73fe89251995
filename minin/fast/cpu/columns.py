"""im2col of one tile, channels last: each window's pixels as one row of a table.

Row r belongs to one window, its numbers are ordered [kernel row][kernel column][channel], and a
last column holds ones (see layout.py). One kernel row under a window is a run of KW*C numbers in
the image's memory, so a tile is copied in runs, by one call.

The tile's table is overwritten by the next tile's and built again in backward: the memory of
a convolution no longer depends on the batch.

Cost: R*K numbers copied a tile, K = KH*KW*C; in backward KH*KW additions of R*C numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minin.backend import Array
from minin.fast.cpu import scratch
from minin.fast.cpu.layout import WorkTile
from minin.shapes import Window


def padded(images: Array, tile: WorkTile, window: Window, rows: int) -> Array:
    """Cut out what the windows of a tile see, with the border of zeros.

    Shapes: images (N, H, W, C) -> (n, (rows-1)*SH + extent, W + left + right, C), a view if
    there is no border, else the thread's buffer "padded".
    """
    _, h, w, c = images.shape
    (top, bottom), (left, right) = window.padding
    start = tile.top * window.stride[0] - top  # image row under the tile's first window
    height = (rows - 1) * window.stride[0] + window.extent[0]
    part = images[tile.first : tile.last]
    if not (top or bottom or left or right):
        return part[:, start : start + height]
    out = scratch.take("padded", (len(part), height, w + left + right, c), images.dtype)
    out.fill(0)
    low = min(max(start, 0), h)  # a band may lie wholly in the padding
    high = min(max(start + height, low), h)
    out[:, low - start : high - start, left : left + w] = part[:, low:high]
    return out


def columns(images: Array, tile: WorkTile, window: Window, size: tuple[int, int]) -> Array:
    """Write the pixels under each window of a tile into a row, and a 1 at its end.

    Shapes: images (N, H, W, C), size (rows, OW) -> (n*rows*OW, KH*KW*C + 1), the thread's
    buffer "columns".
    """
    (rows, ow), (kh, kw) = size, window.kernel
    source = padded(images, tile, window, rows)
    n, c = len(source), source.shape[3]
    table = scratch.take("columns", (n * rows * ow, kh * kw * c + 1), images.dtype)
    table[:, -1] = 1
    np.copyto(_windows_of_table(table, n, c, window, size), _windows(source, window, size))
    return table


def add_columns(
    table: Array, total: Array, tile: WorkTile, window: Window, rows: int, ow: int
) -> None:
    """Add every window's numbers back to the pixels they were read from.

    Shapes: table (n*rows*OW, KH*KW*C + 1), total (n, H + top + bottom, W + left + right, C).
    """
    n, c = len(total), total.shape[3]
    start = tile.top * window.stride[0]
    height = (rows - 1) * window.stride[0] + window.extent[0]
    seen = total[:, start : start + height]
    cells = table[:, :-1].reshape(n, rows, ow, -1, c)  # (n, rows, OW, KH*KW, C)
    for cell, (down, across) in enumerate(window.cells((rows, ow))):
        seen[:, down, across] += cells[:, :, :, cell]  # (n, rows, OW, C)


def _windows(source: Array, window: Window, size: tuple[int, int]) -> Array:
    """View the windows.  Shapes: source (n, h, w, C) -> (n, rows, OW, KH, KW, C)."""
    images, down, across, channel = source.strides
    (sh, sw), (dh, dw) = window.stride, window.dilation
    steps: Any = (images, down * sh, across * sw, down * dh, across * dw, channel)
    shape = (len(source), *size, *window.kernel, source.shape[3])
    return as_strided(source, shape, steps, writeable=False)


def _windows_of_table(table: Array, n: int, c: int, window: Window, size: tuple[int, int]) -> Array:
    """View the table as windows.  Shapes: table (R, K+1) -> (n, rows, OW, KH, KW, C)."""
    return table[:, :-1].reshape(n, *size, *window.kernel, c)
