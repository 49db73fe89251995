"""One layer in numbers, and what computing it costs: what all six algorithms have in common.

    N images   C channels   H rows   W columns   O output channels   KH KW kernel
    SH SW stride   DH DW dilation   OH OW output   K = C*KH*KW   P = OH*OW

Whichever way it is computed, the layer itself asks for N*O*P*K multiply-accumulates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from minin.autograd.shapes_line import ShapesLine
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError, ShapeError
from minin.shapes import Margins, Pair, Window, integer

Four: TypeAlias = tuple[int, int, int, int]
SHAPES = "Shapes: x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW)."
ITEMSIZES = {"float32": 4, "float64": 8}


@dataclass(frozen=True)
class Layer:
    """One convolution, without its numbers: all that its costs depend on.

    Attributes:
        x_shape: (N, C, H, W).
        weight_shape: (O, C, KH, KW).
        window: the kernel, its steps, and the border of zeros around the image.
        output_size: (OH, OW).
        itemsize: bytes of a number, 4 or 8.
        has_bias: whether each output channel has a number of its own to add.

    Example:
        >>> layer = Layer.of_shapes((8, 96, 16, 16), (192, 96, 5, 5), padding=2)
        >>> layer.y_shape, layer.k, layer.p, layer.macs
        ((8, 192, 16, 16), 2400, 256, 943718400)
    """

    x_shape: Four
    weight_shape: Four
    window: Window
    output_size: Pair
    itemsize: int = 4
    has_bias: bool = False

    @classmethod
    def of_shapes(
        cls,
        x_shape: Any,
        weight_shape: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        dtype: Any = "float32",
        has_bias: bool = False,
        op: str = "layer",
    ) -> Layer:
        """Read the numbers that describe a layer, in every spelling that conv2d takes.

        Raises:
            ShapeError: if the shapes do not fit together, or no window fits the image.
            ArgumentError: if a number is out of range, or dtype is not float32 or float64.
        """
        x, weight = _four(op, "x_shape", x_shape), _four(op, "weight_shape", weight_shape)
        if weight[1] != x[1]:
            raise ShapeError(
                f"{op}: weight must have shape (O, {x[1]}, KH, KW) for x of shape {x}, got "
                f"{weight}; these algorithms have no groups: use ops.conv2d"
            )
        name = str(getattr(dtype, "__name__", dtype))  # "float32", np.float32, its dtype
        if name not in ITEMSIZES:
            raise ArgumentError(f"{op}: dtype must be float32 or float64, got {dtype!r}")
        window = Window.of(weight[2:], stride, padding, dilation, size=x[2:])
        output_size = window.output_size(x[2:])
        return cls(x, weight, window, output_size, ITEMSIZES[name], has_bias)

    @property
    def y_shape(self) -> Four:
        """The output's shape (N, O, OH, OW)."""
        return (self.x_shape[0], self.weight_shape[0], *self.output_size)

    @property
    def k(self) -> int:
        """K = C*KH*KW, the numbers under one window."""
        return math.prod(self.weight_shape[1:])

    @property
    def p(self) -> int:
        """P = OH*OW, the windows on one image."""
        return math.prod(self.output_size)

    @property
    def x_size(self) -> int:
        """N*C*H*W, the numbers of the images."""
        return math.prod(self.x_shape)

    @property
    def weight_size(self) -> int:
        """O*K, the numbers of the filters."""
        return math.prod(self.weight_shape)

    @property
    def y_size(self) -> int:
        """N*O*P, the numbers of the output."""
        return math.prod(self.y_shape)

    @property
    def macs(self) -> int:
        """N*O*P*K, the multiply-accumulates that the definition asks for."""
        return self.y_size * self.k

    @property
    def bias_size(self) -> int:
        """O with a bias, else 0."""
        return self.weight_shape[0] if self.has_bias else 0

    @property
    def frame(self) -> int:
        """The numbers of the images with their border: N*C*(H + top + bottom)*..., else 0."""
        return framed(self.x_shape, self.window.padding)

    def cost(self, flops: int, read: int, written: int, peak: int) -> Cost:
        """Count bytes for numbers, and add what the bias takes: y is read, added to, written."""
        adds = self.y_size if self.has_bias else 0
        read += adds + self.bias_size
        size = self.itemsize
        return Cost(flops + adds, size * read, size * (written + adds), size * peak)


def framed(x_shape: Four, border: Margins) -> int:
    """Count the numbers of images set in a border; 0 if there is none, and so no copy.

    Example:
        >>> framed((1, 3, 4, 5), ((1, 1), (0, 2)))
        126
    """
    (n, c, h, w), (rows, columns) = x_shape, border
    return n * c * (h + sum(rows)) * (w + sum(columns)) if any(rows + columns) else 0


def read(
    op: str, x: Array, weight: Array, bias: Array, stride: Any, padding: Any, dilation: Any
) -> Layer:
    """Check the arguments of one call, as conv2d does, and return its layer.

    Args:
        op: the algorithm's name, for the messages.
        x: images (N, C, H, W).
        weight: filters (O, C, KH, KW).
        bias: (O,) or None.
        stride: as for ops.conv2d; so are the others.
        padding: zeros around the image.
        dilation: pixels from cell to cell.

    Raises:
        ShapeError: if the shapes do not fit together, or no window fits the image.
        ArgumentError: if a parameter is out of range.
        DtypeError: if an array is none, holds no floats, or is of another dtype than x.
    """
    ShapesLine(op, SHAPES, ("x", "weight", "bias"), {"bias": None}).check([x, weight, bias])
    require.one_float_dtype(op, x=x, weight=weight, bias=bias)
    dtype = "float64" if x.dtype == namespace(x).float64 else "float32"
    return Layer.of_shapes(
        tuple(x.shape),
        tuple(weight.shape),
        stride,
        padding,
        dilation,
        dtype=dtype,
        has_bias=bias is not None,
        op=op,
    )


def _four(op: str, name: str, shape: Any) -> Four:
    if not isinstance(shape, (tuple, list)) or len(shape) != 4:
        raise ShapeError(f"{op}: {name} must be four numbers, as (N, C, H, W); got {shape!r}")
    one, two, three, four = (integer(f"{op}: {name}[{i}]", size) for i, size in enumerate(shape))
    return one, two, three, four


@dataclass(frozen=True)
class Cost:
    """What one way of computing a layer takes.

    A step reads each of its arrays once and writes its result once, and a view costs nothing:
    that is what would go through memory if no cache held anything from one step to the next.

    Attributes:
        flops: floating-point operations; a product of (a, b) and (b, c) has 2*a*b*c.
        bytes_read: bytes that the steps read.
        bytes_written: bytes that they write.
        peak_bytes: the most memory in use at a time, x, weight and bias not counted, the
            output counted. Not in it are views, what BLAS takes for itself, and the buffers
            of a few KiB through which NumPy adds.

    Example:
        >>> Cost(flops=96, bytes_read=8, bytes_written=4, peak_bytes=4).intensity
        8.0
    """

    flops: int
    bytes_read: int
    bytes_written: int
    peak_bytes: int

    @property
    def intensity(self) -> float:
        """FLOPs for each byte that moves: the fewer, the more memory decides the speed."""
        return self.flops / (self.bytes_read + self.bytes_written)
