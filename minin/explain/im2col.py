"""A small convolution as one matrix product, with one window highlighted: what im2col does."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin import ops
from minin.autograd import rules
from minin.errors import ArgumentError
from minin.plots import Drawing
from minin.rng import generator
from minin.shapes import Window, integer

CELL, GAP, MARGIN = 30, 44, 20  # pixels
MOST = 32  # rows or columns of a matrix that still can be read

Numbers = npt.NDArray[Any]


class Unrolled(NamedTuple):
    """A convolution of small integers and its matrices.

    **Shapes:** image (C, H, W), filters (O, K), cols (K, P), output (O, P), with K = C*KH*KW and
    P = OH*OW.
    """

    image: Numbers
    filters: Numbers
    cols: Numbers
    output: Numbers
    window: Window


def unroll(
    image: tuple[int, int, int] = (1, 4, 4), filters: int = 2, seed: int = 1, **window: Any
) -> Unrolled:
    """Convolve an image of the numbers 1, 2, 3 ... with drawn filters of -1, 0, 1 and 2.

    Args:
        image: (C, H, W).
        filters: O.
        seed: of the filters.
        window: ``kernel``, ``stride`` and ``padding`` of `Window.of`; the kernel is 3 if not given.

    Raises:
        ShapeError: if no window fits.
        ArgumentError: if the matrices are too large to be read.

    Example:
        >>> found = unroll(kernel=2, stride=2)
        >>> found.cols.shape, bool((found.filters @ found.cols == found.output).all())
        ((4, 4), True)
    """
    slide = Window.of(window.pop("kernel", 3), **window)
    c, h, w = image
    (oh, ow), (kh, kw) = slide.output_size((h, w)), slide.kernel
    k, p, o = c * kh * kw, oh * ow, integer("filters", filters)
    for name, count in (("rows (K = C*KH*KW)", k), ("columns (P = OH*OW)", p), ("filters", o)):
        if count > MOST:
            raise ArgumentError(
                f"at most {MOST} {name} can be drawn so that they are read; got {count}: use a"
                " smaller image or kernel, or a larger stride"
            )
    x = np.arange(1.0, c * h * w + 1).reshape(1, c, h, w)
    weight = generator(seed).integers(-1, 3, (o, c, kh, kw)).astype(float)
    how: dict[str, Any] = {"stride": slide.stride, "padding": slide.padding}
    with rules("plain"):
        cols = ops.im2col(x, slide.kernel, **how).numpy()[0]  # (K, P)
        y = ops.conv2d(x, weight, **how).numpy()[0]  # (O, OH, OW)
    return Unrolled(x[0], weight.reshape(o, k), cols, y.reshape(o, p), slide)


def im2col_picture(found: Unrolled, place: int = 0) -> Drawing:
    """Draw the image with one window on it, and below filters @ columns = output.

    Args:
        found: as `unroll` returns it.
        place: the window to highlight, counted row by row.

    Raises:
        ArgumentError: if there is no such window.
    """
    (c, h, w), (o, k), p = found.image.shape, found.filters.shape, found.cols.shape[1]
    if not 0 <= place < p:
        raise ArgumentError(f"window must be from 0 to {p - 1}; got {place}")
    (top, bottom), (left, right) = found.window.border((h, w))
    rows, columns = h + top + bottom, w + left + right
    across = k + p + p
    width = max(2 * MARGIN + across * CELL + 2 * GAP, 2 * MARGIN + c * (columns * CELL + GAP), 560)
    high = max(k, o)
    height = (rows + high) * CELL + 146
    total = found.output[0, place]
    told = _sum(found.filters[0], found.cols[:, place], total)
    title = f"im2col: filters ({o}, {k}) @ columns ({k}, {p}) = output ({o}, {p})"
    drawing = Drawing(width, height, title, f"Window {place} is column {place}: {told}")
    drawing.words(MARGIN, 26, f"the image and window {place}, of 0 to {p - 1}", 13, bold=True)
    seen = _seen(found, place)
    for channel in range(c):
        x0 = MARGIN + channel * (columns * CELL + GAP)
        padded = np.pad(found.image[channel], ((top, bottom), (left, right)))
        inside = np.zeros(padded.shape, dtype=bool)
        inside[top : top + h, left : left + w] = True
        _grid(drawing, x0, 40, padded, seen, soft=~inside)
    y0 = 40 + rows * CELL + 56
    xs = MARGIN, MARGIN + k * CELL + GAP, MARGIN + (k + p) * CELL + 2 * GAP
    one = np.arange(p) == place
    matrices = (
        ("filters", found.filters, (np.arange(o) == 0)[:, None]),
        ("columns", found.cols, one),
        ("output", found.output, (np.arange(o) == 0)[:, None] & one),
    )
    for x0, sign, (name, matrix, marked) in zip(xs, ("@", "=", ""), matrices, strict=True):
        a, b = matrix.shape
        middle = y0 + (high - a) * CELL / 2
        drawing.words(x0, middle - 10, f"{name} ({a}, {b})", 12, bold=True)
        _grid(drawing, x0, middle, matrix, np.broadcast_to(marked, matrix.shape))
        drawing.words(x0 + b * CELL + GAP / 2, y0 + high * CELL / 2 + 6, sign, 18, at="middle")
    drawing.words(MARGIN, height - 22, told, 11, mono=True)
    return drawing


def _seen(found: Unrolled, place: int) -> npt.NDArray[np.bool_]:
    """Mark the pixels of the padded image that lie under one window."""
    size = found.image.shape[1], found.image.shape[2]
    (top, bottom), (left, right) = found.window.border(size)
    seen = np.zeros((size[0] + top + bottom, size[1] + left + right), dtype=bool)
    outputs = found.window.output_size(size)
    for rows, columns in found.window.cells(outputs):
        cells = np.zeros(outputs, dtype=bool)
        cells.flat[place] = True
        seen[rows, columns] |= cells
    return seen


def _grid(
    drawing: Drawing, x0: float, y0: float, numbers: Numbers, marked: Any, soft: Any = None
) -> None:
    """Draw numbers in squares, some of them marked; border pixels are soft."""
    for (row, column), value in np.ndenumerate(numbers):
        x, y = x0 + column * CELL, y0 + row * CELL
        border = soft is not None and soft[row, column]
        fill = "warm" if marked[row, column] else "ground" if border else "room"
        drawing.box(x, y, CELL, CELL, fill, "edge")
        colour = "soft" if border else "orange" if marked[row, column] else "ink"
        drawing.words(x + CELL / 2, y + CELL / 2 + 4, f"{value:g}", 11, colour, "middle")


def _sum(weights: Numbers, pixels: Numbers, total: float) -> str:
    """Write the sum of products behind one output."""
    terms = [f"{a:g}*{b:g}" for a, b in zip(weights, pixels, strict=True)]
    shown = terms if len(terms) <= 9 else [*terms[:7], "...", terms[-1]]
    return f"{' + '.join(shown)} = {total:g}".replace("+ -", "- ")
