"""The geometry of a sliding window, in integers alone.

Convolution, im2col, col2im and pooling ask the same questions: how many windows fit, where
does each land, and which pixels does one kernel cell touch? `Window` answers them once.

The size formula, for one axis with kernel k, stride s, dilation d and padding lo, hi:

    out = floor((size + lo + hi - d * (k - 1) - 1) / s) + 1

With `ceil_mode` the division rounds up, as in Caffe and cuda-convnet, on which the
published Networks in Network were trained: a 3x3 window of stride 2 takes 32 to 16 to 8.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from minin.errors import ArgumentError, ShapeError

Pair: TypeAlias = tuple[int, int]
Margins: TypeAlias = tuple[Pair, Pair]  # ((top, bottom), (left, right))
PairLike: TypeAlias = int | Sequence[int]
PaddingLike: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]] | str

LONGEST = 2**31 - 1  # pixels of one length: a kernel, stride, padding, dilation or image
MOST_PIXELS = 2**31  # of one map with its border: 8 GiB of float32
MOST_BORDER = 2**24  # of them in the border: hours of windows on zeros, where nobody looks
MOST_CELLS = 2**20  # of one kernel: a walk takes a step of Python for each


def integer(name: str, value: Any, least: int = 1) -> int:
    """Read ``value`` as an int of at least ``least``.

    Raises:
        ArgumentError: if it is anything else; a bool and a float count as anything else.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise ArgumentError(f"{name} must be an int of at least {least}; got {value!r}")
    return number


def pair(name: str, value: Any, least: int = 1) -> Pair:
    """Read ``value`` as (rows, columns); one int, by itself or in a tuple, stands for both.

    Raises:
        ArgumentError: if it is neither an int nor a pair of ints of at least ``least``, or one
            is above 2,147,483,647.

    Example:
        >>> pair("stride", 2), pair("stride", (2,)), pair("stride", (1, 3))
        ((2, 2), (2, 2), (1, 3))
    """
    if not isinstance(value, (tuple, list)):
        both = _length(name, value, least)
        return both, both
    if len(value) == 1:
        return pair(f"{name}[0]", value[0], least)
    if len(value) != 2:
        raise ArgumentError(f"{name} must be an int or (rows, columns); got {value!r}")
    return _length(f"{name}[0]", value[0], least), _length(f"{name}[1]", value[1], least)


def _length(name: str, value: Any, least: int) -> int:
    """Read a number of pixels; one that no image has would overflow far from here."""
    number = integer(name, value, least)
    if number > LONGEST:
        raise ArgumentError(f"{name} must be at most {LONGEST:,} pixels; got {number:,}")
    return number


def margins(name: str, value: Any) -> Margins:
    """Read a padding as ((top, bottom), (left, right)), in any of its forms.

    Raises:
        ArgumentError: if it is no int, (PH, PW) or ((top, bottom), (left, right)).

    Example:
        >>> margins("padding", 1), margins("padding", (2, 0))
        (((1, 1), (1, 1)), ((2, 2), (0, 0)))
        >>> margins("padding", ((0, 1), (2, 3)))
        ((0, 1), (2, 3))
    """
    if isinstance(value, str):
        raise ArgumentError(
            f"{name} must be an int, (PH, PW) or ((top, bottom), (left, right)); got {value!r}"
            f" ('same' and 'valid' are for conv2d, im2col and col2im)"
        )
    if isinstance(value, (tuple, list)) and any(isinstance(v, (tuple, list)) for v in value):
        if len(value) != 2 or not all(isinstance(v, (tuple, list)) and len(v) != 1 for v in value):
            raise ArgumentError(
                f"{name} must be an int, (PH, PW) or ((top, bottom), (left, right)); got {value!r}"
            )
        return pair(f"{name}[0]", value[0], 0), pair(f"{name}[1]", value[1], 0)
    rows, columns = pair(name, value, 0)
    return (rows, rows), (columns, columns)


@dataclass(frozen=True)
class Window:
    """A kernel that slides over an image: its size, its steps, and the border it may use.

    Everywhere in minin these are given as (rows, columns) or as one int for both; padding also
    as ((top, bottom), (left, right)), "valid" (none) or, for convolutions, "same": an output of
    ceil(H / SH) rows; an odd pixel goes to the bottom and right.

    Attributes:
        kernel: (KH, KW) cells.
        stride: (SH, SW) pixels from one window to the next.
        padding: ((top, bottom), (left, right)) pixels of border.
        dilation: (DH, DW) pixels from one kernel cell to the next.
        ceil_mode: let a last window overhang the bottom and right edges.

    Example:
        >>> Window.of(5, padding=2).output_size((32, 32))
        (32, 32)
        >>> Window.of(3, stride=2, ceil_mode=True).output_size((32, 32))
        (16, 16)
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Margins = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    ceil_mode: bool = False

    @classmethod
    def of(
        cls,
        kernel: PairLike,
        stride: PairLike = 1,
        padding: PaddingLike = 0,
        dilation: PairLike = 1,
        ceil_mode: bool = False,
        size: Pair | None = None,
    ) -> Window:
        """Read every accepted spelling; "same" needs the image's ``size`` (H, W).

        Raises:
            ArgumentError: if a value is not one of the accepted spellings.
        """
        kernel, stride = pair("kernel_size", kernel), pair("stride", stride)
        dilation = pair("dilation", dilation)
        if isinstance(padding, str) and padding == "same" and size is not None:
            sides = tuple(_same(*axis) for axis in zip(size, kernel, stride, dilation, strict=True))
            padding = sides
        elif isinstance(padding, str) and padding == "valid":
            padding = 0
        elif isinstance(padding, str):
            words = " or 'valid'" if size is None else ", 'same' or 'valid'"
            raise ArgumentError(
                "padding must be an int, (PH, PW), ((top, bottom), (left, right))"
                f"{words}; got {padding!r}"
            )
        return cls(kernel, stride, margins("padding", padding), dilation, bool(ceil_mode))

    @property
    def is_pointwise(self) -> bool:
        """Whether each window is one pixel and every pixel has one: the 1x1 convolution."""
        no_border = self.padding == ((0, 0), (0, 0))
        return self.kernel == (1, 1) and self.stride == (1, 1) and no_border

    @property
    def extent(self) -> Pair:
        """The pixels from a window's first cell to its last: d * (k - 1) + 1 on each axis."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    def output_size(self, size: Pair) -> Pair:
        """Count the windows that fit an image of ``size``: (H, W) -> (OH, OW).

        Raises:
            ShapeError: if none fits; the message shows the formula with its numbers.
            ArgumentError: if a map with its border has more than 2**31 pixels, its border more
                than 2**24, or the kernel more than 2**20 cells: said here, before anything is
                allocated or walked.
        """
        counts = self._count(0, size), self._count(1, size)
        (kh, kw), (sh, sw), ((top, bottom), (left, right)) = self.kernel, self.stride, self.padding
        most = (size[0] + top + bottom + sh) * (size[1] + left + right + sw)  # also in ceil_mode
        if kh * kw > MOST_CELLS or most - size[0] * size[1] > MOST_BORDER or most > MOST_PIXELS:
            self.demand_room(size, counts)
        return counts

    def demand_room(self, size: Pair, counts: Pair) -> None:
        """Refuse a border or a kernel that nobody can mean, for so many windows.

        Raises:
            ArgumentError: as `output_size` says.
        """
        if math.prod(self.kernel) > MOST_CELLS:
            raise ArgumentError(
                f"kernel_size must be at most {MOST_CELLS:,} cells; got {self.kernel}: use a"
                " smaller one"
            )
        height, width = (
            max(size[axis] + sum(self.padding[axis]), (counts[axis] - 1) * stride + extent)
            for axis, (stride, extent) in enumerate(zip(self.stride, self.extent, strict=True))
        )
        border = height * width - size[0] * size[1]
        if height * width > MOST_PIXELS or border > MOST_BORDER:
            raise ArgumentError(
                f"a map with its border must have at most {MOST_PIXELS:,} pixels, and its border"
                f" at most {MOST_BORDER:,}; a {size[0]}x{size[1]} image with padding"
                f" {self.padding}, kernel_size {self.kernel}, stride {self.stride} and dilation"
                f" {self.dilation} has {height:,} x {width:,}: use a smaller padding or dilation"
            )

    def _count(self, axis: int, size: Pair) -> int:
        low, high = self.padding[axis]
        stride, extent = self.stride[axis], self.dilation[axis] * (self.kernel[axis] - 1) + 1
        room = size[axis] + low + high - extent
        count = (-(-room // stride) if self.ceil_mode else room // stride) + 1
        if count < 1:
            k, d = self.kernel[axis], self.dilation[axis]
            raise ShapeError(
                f"no window fits the {('height', 'width')[axis]} of a {size[0]}x{size[1]} image: "
                f"({size[axis]} + {low} + {high} - {d}*({k} - 1) - 1)/{stride} + 1 is below 1; "
                "use a smaller kernel_size or dilation, or more padding"
            )
        if not self.ceil_mode:
            return count
        # A window that would begin beyond the image and its first border sees nothing.
        return count - 1 if (count - 1) * stride >= size[axis] + low else count

    def border(self, size: Pair) -> Margins:
        """Return the border that the windows reach: the padding, and ceil_mode's overhang."""
        reach = [
            (count - 1) * stride + extent - length - low
            for count, stride, extent, length, (low, _) in zip(
                self.output_size(size),
                self.stride,
                self.extent,
                size,
                self.padding,
                strict=True,
            )
        ]
        (top, bottom), (left, right) = self.padding
        return (top, max(bottom, reach[0])), (left, max(right, reach[1]))

    def cells(self, output_size: Pair) -> Iterator[tuple[slice, slice]]:
        """Walk the KH*KW kernel cells, row by row: the pixels under each, in all windows.

        A cell's pixels form a regular lattice in the padded image, OH x OW of them, so one
        pair of slices names them all. This walk is the whole of im2col, col2im and pooling.

        Example:
            >>> for rows, columns in Window.of((1, 2), stride=2).cells((2, 3)):
            ...     print(rows, columns)
            slice(0, 3, 2) slice(0, 5, 2)
            slice(0, 3, 2) slice(1, 6, 2)
        """
        (oh, ow), (sh, sw), (dh, dw) = output_size, self.stride, self.dilation
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                yield (
                    slice(i * dh, i * dh + sh * (oh - 1) + 1, sh),
                    slice(j * dw, j * dw + sw * (ow - 1) + 1, sw),
                )

    def first_inside(self, output_size: Pair) -> list[list[int]]:
        """Number, for each window, the first kernel cell that is beyond the top left border.

        Where all its pixels are equal, also all -inf, that cell is the window's maximum.
        """
        rows, columns = (
            [min(max(-(-(low - o * stride) // dilation), 0), kernel - 1) for o in range(outputs)]
            for outputs, kernel, stride, dilation, (low, _) in zip(
                output_size, self.kernel, self.stride, self.dilation, self.padding, strict=True
            )
        )
        return [[i * self.kernel[1] + j for j in columns] for i in rows]

    def coverage(self, size: Pair, count_padding: bool) -> tuple[list[int], list[int]]:
        """Count the cells of each window that lie on the image: (rows, columns).

        With ``count_padding`` the border counts as image, but never ceil_mode's overhang.
        A window covers rows[i] * columns[j] cells: average pooling divides by that.
        """
        outputs = self.output_size(size)
        return self._covered(0, size, outputs, count_padding), self._covered(
            1, size, outputs, count_padding
        )

    def _covered(self, axis: int, size: Pair, outputs: Pair, count_padding: bool) -> list[int]:
        low, high = self.padding[axis]
        first, end = (-low, size[axis] + high) if count_padding else (0, size[axis])
        stride, dilation = self.stride[axis], self.dilation[axis]
        return [
            sum(first <= o * stride - low + k * dilation < end for k in range(self.kernel[axis]))
            for o in range(outputs[axis])
        ]


def _same(size: int, kernel: int, stride: int, dilation: int) -> Pair:
    """Pad so that the output has ceil(size / stride) pixels; an odd pixel goes to the end."""
    count = -(-size // stride)
    total = max((count - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


@dataclass(frozen=True)
class ReceptiveField:
    """What the unit in row i of a layer can see: ``size[0]`` rows from start[0] + i * step[0].

    Example:
        >>> pixel = ReceptiveField()
        >>> pixel.through(Window.of(5, padding=2)).through(Window.of(3, stride=2))
        ReceptiveField(size=(7, 7), step=(2, 2), start=(-2, -2))
    """

    size: Pair = (1, 1)
    step: Pair = (1, 1)
    start: Pair = (0, 0)

    def through(self, window: Window) -> ReceptiveField:
        """Return the field of the layer that slides ``window`` over this one."""
        (h, w), (sh, sw), (eh, ew) = self.size, self.step, window.extent
        size = h + (eh - 1) * sh, w + (ew - 1) * sw
        (top, _), (left, _) = window.padding
        start = self.start[0] - top * sh, self.start[1] - left * sw  # negative in the border
        return ReceptiveField(size, (sh * window.stride[0], sw * window.stride[1]), start)
