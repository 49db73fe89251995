"""Windows over an image, and all the ways to lose count of them.

`gather` reads the pixels under each window into cells (N, C, KH, KW, OH, OW), `scatter` adds
such cells back to the image. They are each other's adjoint, and together they are im2col,
col2im, convolution and pooling.

Padding is an int, (PH, PW) or ((top, bottom), (left, right)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.record import Array


@dataclass(frozen=True)
class Axis:
    """How the windows lie along one axis of an image.

    Args:
        length: pixels of the image.
        kernel: taps of a window.
        stride: pixels from one window to the next.
        dilation: pixels from one tap to the next.
        before: padding in front.
        after: padding behind.
        outputs: number of windows.
    """

    length: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    outputs: int

    @property
    def reached(self) -> int:
        """Padded pixels up to the end of the last window."""
        return (self.outputs - 1) * self.stride + (self.kernel - 1) * self.dilation + 1

    @property
    def buffer(self) -> int:
        """Padded pixels that an image needs; ceil mode can reach past the padding."""
        return max(self.length + self.before + self.after, self.reached)

    def pixels(self, tap: int) -> slice:
        """Say which padded pixels one tap touches, one for each window."""
        first = tap * self.dilation
        return slice(first, first + self.outputs * self.stride, self.stride)


@dataclass(frozen=True)
class Grid:
    """The windows of an image: along its rows, and along its columns."""

    rows: Axis
    columns: Axis


def pair(value: Any) -> tuple[int, int]:
    """Spell one int as the same number for rows and columns."""
    if np.ndim(value) == 0:
        return int(value), int(value)
    return int(value[0]), int(value[1])


def margins(value: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Spell a padding as ((top, bottom), (left, right))."""
    if np.ndim(value) == 0:
        return pair(value), pair(value)
    return pair(value[0]), pair(value[1])


def outputs_of(room: int, stride: int, up: bool = False) -> int:
    """Count the windows when the last one may start at ``room``, rounding down or up."""
    return (-(-room // stride) if up else room // stride) + 1


def axis_of(
    length: int,
    kernel: int,
    stride: int,
    margin: tuple[int, int],
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Axis:
    """Lay windows along one axis.

    With ``ceil_mode`` a last window may reach past the padding, but it starts no later than in
    the image or in the padding before it.
    """
    before, after = margin
    room = length + before + after - dilation * (kernel - 1) - 1
    outputs = outputs_of(room, stride, ceil_mode)
    if ceil_mode and (outputs - 1) * stride >= length + before:
        outputs -= 1
    return Axis(length, kernel, stride, dilation, before, after, outputs)


def grid_of(
    size: tuple[int, ...],
    kernel: Any,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Grid:
    """Lay windows over an image of size (H, W)."""
    k, s, d, edge = pair(kernel), pair(stride), pair(dilation), margins(pad)
    rows, columns = (axis_of(size[i], k[i], s[i], edge[i], d[i], ceil_mode) for i in (0, 1))
    return Grid(rows, columns)


def pad_image(x: Array, grid: Grid, value: float = 0.0) -> Array:
    """Put the padding around each image (N, C, H, W)."""
    rows, columns = grid.rows, grid.columns
    shape = (*x.shape[:2], rows.buffer, columns.buffer)
    frame = np.full(shape, value, dtype=x.dtype)
    inner_rows = slice(rows.before, rows.before + x.shape[2])
    inner_columns = slice(columns.before, columns.before + x.shape[3])
    frame[:, :, inner_rows, inner_columns] = x
    return frame


def gather(x: Array, grid: Grid, value: float = 0.0) -> Array:
    """Read the pixels under each window, padding as ``value``.

    Shapes: x (N, C, H, W) -> (N, C, KH, KW, OH, OW).
    """
    frame, (rows, columns) = pad_image(x, grid, value), (grid.rows, grid.columns)
    kernel, outputs = (rows.kernel, columns.kernel), (rows.outputs, columns.outputs)
    cells = np.empty((*x.shape[:2], *kernel, *outputs), dtype=x.dtype)
    for a, b in np.ndindex(kernel):
        cells[:, :, a, b] = frame[:, :, rows.pixels(a), columns.pixels(b)]
    return cells


def scatter(cells: Array, grid: Grid, bug: str | None = None) -> Array:
    """Add the cells back to the pixels they were read from.

    Shapes: cells (N, C, KH, KW, OH, OW) -> (N, C, H, W), unless the bug changes it.
    """
    if bug == "D2 repeated":
        cells = repeat_in_gaps(cells, grid)
    cells = turn_windows(cells, bug)
    wrong = misplaced(grid, bug)
    oh, ow = wrong.rows.outputs, wrong.columns.outputs
    return cut(pile(cells[..., :oh, :ow], wrong, bug), wrong, bug)


# The switches that `scatter` knows; without ceil mode there is no D10.
SCATTER = (
    *("B7", "B7 windows", "B8", "C1", "C1 windows", "C2", "D1", "D2", "D2 repeated", "D3"),
    *("D3 corner", "D3 late", "D3 uncropped", "D4", "D5", "D6", "D6 short", "D8", "D9"),
)


def repeat_in_gaps(cells: Array, grid: Grid) -> Array:
    """Fill the gaps of a strided gradient with copies where zeros belong."""
    for axis, line in ((4, grid.rows), (5, grid.columns)):
        cells = np.repeat(cells, line.stride, axis=axis)
    return cells


def turn_windows(cells: Array, bug: str | None) -> Array:
    """Walk over the windows, or over the cells of one, in the wrong order."""
    if bug == "B7 windows":  # windows numbered down the columns
        return cells.reshape(*cells.shape[:4], *cells.shape[:3:-1]).swapaxes(4, 5)
    if bug == "B8":  # cells numbered down the columns
        kh, kw = cells.shape[2:4]
        return cells.swapaxes(2, 3).reshape(*cells.shape[:2], kh, kw, *cells.shape[4:])
    return cells


def misplaced(grid: Grid, bug: str | None) -> Grid:
    """Lay the windows as a wrong backward does; for another bug, as they are."""
    fault = _MISPLACED.get(bug or "")
    return Grid(fault(grid.rows), fault(grid.columns)) if fault else grid


def _repeated_axis(line: Axis) -> Axis:
    return replace(line, stride=1, outputs=(line.outputs - 1) * line.stride + 1)


def _undilated_axis(line: Axis) -> Axis:
    full = line.outputs + (line.kernel - 1) * line.dilation
    return replace(line, stride=1, length=max(full - line.before - line.after, 0))


def _unpadded_outputs(line: Axis) -> Axis:
    room = line.length - line.dilation * (line.kernel - 1) - 1
    return replace(line, outputs=max(outputs_of(room, line.stride), 0))


def _floor_outputs(line: Axis) -> Axis:
    room = line.length + line.before + line.after - line.dilation * (line.kernel - 1) - 1
    return replace(line, outputs=outputs_of(room, line.stride))


_MISPLACED = {
    "D1": lambda line: replace(line, stride=1),
    "D2": _undilated_axis,
    "D2 repeated": _repeated_axis,
    "D8": _unpadded_outputs,
    "D9": lambda line: replace(line, before=line.after, after=line.before),
    "D10": _floor_outputs,
}


def pile(cells: Array, grid: Grid, bug: str | None) -> Array:
    """Add the cells up in a padded image, or let one window overwrite another."""
    rows, columns = grid.rows, grid.columns
    image = np.zeros((*cells.shape[:2], rows.buffer, columns.buffer), dtype=cells.dtype)
    if bug == "C1 windows":
        return _assign_windows(cells, grid, image)
    for a, b in np.ndindex(cells.shape[2:4]):
        here = (slice(None), slice(None), rows.pixels(a), columns.pixels(b))
        # Buffered fancy indexing (C2) keeps the last of equal indices, as assigning does.
        if bug in ("C1", "C2"):
            image[here] = cells[:, :, a, b]
        else:
            image[here] += cells[:, :, a, b]
    return image


def _assign_windows(cells: Array, grid: Grid, image: Array) -> Array:
    """Overwrite window by window: the last window of a pixel wins."""
    rows, columns = grid.rows, grid.columns
    for i, j in np.ndindex(cells.shape[4:]):
        top, left = i * rows.stride, j * columns.stride
        down = slice(top, top + (rows.kernel - 1) * rows.dilation + 1, rows.dilation)
        across = slice(left, left + (columns.kernel - 1) * columns.dilation + 1, columns.dilation)
        image[:, :, down, across] = cells[..., i, j]
    return image


def cut(image: Array, grid: Grid, bug: str | None) -> Array:
    """Cut the padding off, at the right place or not."""
    if bug == "D3 uncropped":
        return image
    rows, columns = _kept(grid.rows, bug), _kept(grid.columns, bug)
    x = np.array(image[:, :, rows, columns])
    if bug == "D5":
        return _without_ring(x, grid)
    if bug == "D6":
        return _smear(x, grid)
    if bug == "B7":
        return x.reshape(*x.shape[:2], x.shape[3], x.shape[2])
    return x


def _kept(line: Axis, bug: str | None) -> slice:
    """Say which padded pixels of one axis are taken for the image."""
    if bug == "D3" and line.before:
        return slice(line.before - 1, line.before - 1 + line.length)
    if bug == "D3 corner":
        return slice(0, line.length)
    if bug == "D3 late" and line.after:
        return slice(line.before + 1, line.before + 1 + line.length)
    if bug == "D4":
        return slice(line.before, -line.after)
    if bug == "D6 short":
        return slice(line.before, min(line.before + line.length, line.reached))
    return slice(line.before, line.before + line.length)


def _without_ring(x: Array, grid: Grid) -> Array:
    """Set to zero what lies closer to the border than the padding is wide."""
    inner = np.zeros_like(x)
    rows = slice(grid.rows.before, max(grid.rows.length - grid.rows.after, 0))
    columns = slice(grid.columns.before, max(grid.columns.length - grid.columns.after, 0))
    inner[:, :, rows, columns] = x[:, :, rows, columns]
    return inner


def _smear(x: Array, grid: Grid) -> Array:
    """Fill rows and columns that no window reaches with their last neighbours."""
    for axis, line in ((2, grid.rows), (3, grid.columns)):
        last = min(line.reached - line.before, line.length) - 1
        index = np.minimum(np.arange(line.length), max(last, 0))
        x = np.take(x, index, axis=axis)
    return x
