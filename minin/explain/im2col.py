"""A small convolution as one matrix product, with one window highlighted: what im2col does."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin import ops
from minin.autograd import rules
from minin.errors import ArgumentError
from minin.plots import Drawing
from minin.rng import generator
from minin.shapes import Window, integer

CELL, GAP, MARGIN = 30, 44, 20  # pixels
MOST = 32  # rows or columns of a matrix that still can be read


def im2col_picture(
    image: tuple[int, int, int] = (1, 4, 4), filters: int = 2, place: int = 0, seed: int = 1,
    kernel: Any = 3, stride: Any = 1, padding: Any = 0,
) -> Drawing:  # fmt: skip
    """Draw an image of the numbers 1, 2, 3 ... and below it filters @ columns = output.

    The numbers of the filters are drawn among -1, 0, 1 and 2.

    Args:
        image: (C, H, W).
        filters: O.
        place: the window to highlight, counted row by row.
        seed: of the filters.
        kernel: as `Window`; so are the next two.
        stride: pixels from window to window.
        padding: pixels of border.

    Raises:
        ShapeError: if no window fits.
        ArgumentError: if there is no such window, or the matrices are too large to be read.
    """
    (c, h, w), o, window = image, integer("filters", filters), Window.of(kernel, stride, padding)
    size, (kh, kw), border = window.output_size((h, w)), window.kernel, window.border((h, w))
    k, p = c * kh * kw, size[0] * size[1]
    if max(k, p, o) > MOST:
        raise ArgumentError(
            f"filters ({o}, {k}) and columns ({k}, {p}) must have at most {MOST} rows and columns,"
            " to be read: use a smaller image or kernel, or a larger stride"
        )
    if not 0 <= place < p:
        raise ArgumentError(f"window must be from 0 to {p - 1}; got {place}")
    x = np.arange(1.0, c * h * w + 1).reshape(1, c, h, w)
    weight = generator(seed).integers(-1, 3, (o, c, kh, kw)).astype(float)
    how: dict[str, Any] = {"stride": window.stride, "padding": window.padding}
    with rules("plain"):
        cols = ops.im2col(x, window.kernel, **how).numpy()[0]  # (K, P)
        y = ops.conv2d(x, weight, **how).numpy().reshape(o, p)
    one, first = np.arange(p) == place, (np.arange(o) == 0)[:, None]
    outside = np.pad(np.zeros((h, w), bool), border, constant_values=True)
    rows, columns = outside.shape
    seen = np.zeros((rows, columns), bool)
    for down, across in window.cells(size):
        seen[down, across] |= one.reshape(size)
    told = f"{_sum(weight[0].ravel(), cols[:, place])} = {y[0, place]:g}"
    width = max((k + 2 * p) * CELL + 2 * GAP, c * (columns * CELL + GAP), 520) + 2 * MARGIN
    height, title = (
        (rows + max(k, o)) * CELL + 146,
        f"the image and window {place}, of 0 to {p - 1}",
    )
    drawing = Drawing(width, height, title, f"Window {place} is column {place}: {told}")
    drawing.frame(told)
    for channel, numbers in enumerate(np.pad(x[0], ((0, 0), *border))):
        _grid(drawing, MARGIN + channel * (columns * CELL + GAP), 40, numbers, seen, outside)
    x0, y0 = MARGIN, 96 + rows * CELL
    matrices = (weight.reshape(o, k), first), (cols, one), (y, first & one)
    for name, sign, (matrix, marked) in zip(
        ("filters", "columns", "output"), "@= ", matrices, strict=True
    ):
        a, b = matrix.shape
        middle = y0 + (max(k, o) - a) * CELL / 2
        drawing.words(x0, middle - 10, f"{name} ({a}, {b})", bold=True)
        _grid(drawing, x0, middle, matrix, np.broadcast_to(marked, matrix.shape))
        x0 += b * CELL + GAP
        drawing.words(x0 - GAP / 2, y0 + max(k, o) * CELL / 2 + 6, sign, 18, at="middle")
    return drawing


def _sum(weights: Any, pixels: Any) -> str:
    """Write the sum of products behind one output; of many terms, the first and the last."""
    terms = [f"{a:g}*{b:g}" for a, b in zip(weights, pixels, strict=True)]
    return " + ".join(terms if len(terms) <= 9 else [*terms[:7], "...", terms[-1]]).replace(
        "+ -", "- "
    )


def _grid(
    drawing: Drawing, x0: float, y0: float, numbers: Any, marked: Any, border: Any = None
) -> None:
    """Draw numbers in squares, some of them marked; those of the border are softer."""
    for (row, column), value in np.ndenumerate(numbers):
        x, y = x0 + column * CELL, y0 + row * CELL
        soft = border is not None and border[row, column]
        fill = "warm" if marked[row, column] else "ground" if soft else "room"
        drawing.box(x, y, CELL, CELL, fill, "edge")
        ink = "soft" if soft else "ink"
        drawing.words(x + CELL / 2, y + CELL / 2 + 4, f"{value:g}", 11, ink, "middle")
