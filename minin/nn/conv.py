"""`Conv2d`: a linear filter that slides over the image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minin import ops
from minin.autograd import Tensor
from minin.backend import Array, Shape
from minin.errors import ArgumentError
from minin.nn.geometry import by, image_size, non_defaults, one_or_pair, over
from minin.nn.init import Initialiser, he_normal, zeros
from minin.nn.module import Module, parameter
from minin.rng import Rng
from minin.shapes import PaddingLike, Pair, PairLike, Window, integer, pair


class Conv2d(Module):
    """Slide O kernels over the image; each gives one feature map.

    Args:
        in_channels: C, the channels of the input.
        out_channels: O, the feature maps of the output.
        kernel_size: as `Window`; so are the next three.
        stride: pixels from one window to the next.
        padding: pixels of zeros around the image, or "same" or "valid".
        dilation: pixels from one kernel cell to the next.
        groups: split the channels into this many groups that do not see each other.
        bias: add one number to each feature map.
        dtype: of the parameters, float32 or float64.
        rng: where the weights come from, a NumPy Generator or a seed; None gives other
            weights each time.
        init: how the weights start; the bias starts at 0.

    Raises:
        ArgumentError: if an argument is none of the above, or the groups do not divide the
            channels.

    Example:
        >>> layer = Conv2d(3, 8, 5, stride=2, padding=2, rng=0)
        >>> layer.weight.shape, layer.output_shape((3, 32, 32)), layer.macs((3, 32, 32))
        ((8, 3, 5, 5), (8, 16, 16), 153600)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PairLike,
        stride: PairLike = 1,
        padding: PaddingLike = 0,
        dilation: PairLike = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
        init: Initialiser = he_normal,
    ) -> None:
        self.in_channels = integer("in_channels", in_channels)
        self.out_channels = integer("out_channels", out_channels)
        self.kernel_size = pair("kernel_size", kernel_size)
        self.stride = pair("stride", stride)
        self.padding = padding
        self.dilation = pair("dilation", dilation)
        self.groups = integer("groups", groups)
        self.window()  # a wrong padding shows here, not at the first image
        if in_channels % groups or out_channels % groups:
            raise ArgumentError(
                f"groups must divide in_channels and out_channels; got groups={groups}, "
                f"in_channels={in_channels}, out_channels={out_channels}"
            )
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = parameter(shape, init, rng, dtype)  # (O, C/G, KH, KW)
        self.bias = parameter((out_channels,), zeros, None, dtype) if bias else None

    def forward(self, x: Tensor | Array) -> Tensor:
        """Convolve.

        **Shapes:** x (N, C, H, W) -> (N, O, OH, OW).
        """
        return ops.conv2d(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )

    def output_shape(self, shape: Shape) -> Shape:
        """Compute (C, H, W) -> (O, OH, OW).

        Raises:
            ShapeError: if the channels are others, or no window fits.
        """
        size = image_size("Conv2d", shape, self.in_channels)
        return (self.out_channels, *self.window(size).output_size(size))

    def macs(self, shape: Shape) -> int:
        """Count O * OH * OW * (C / G) * KH * KW; adding the bias is not counted."""
        return math.prod(self.weight.shape) * math.prod(self.output_shape(shape)[1:])

    def window(self, size: Pair = (1, 1)) -> Window:
        """Return the window over an image of a size, on which the padding "same" depends."""
        return Window.of(self.kernel_size, self.stride, self.padding, self.dilation, size=size)

    def label(self) -> str:
        """Name the kernel and a stride other than 1, as in "conv 11x11/4"."""
        return f"conv {by(self.kernel_size)}{over(self.stride)}"

    def extra_repr(self) -> str:
        """Show the arguments that are not at their defaults."""
        options = non_defaults(
            stride=(self.stride, (1, 1)),
            padding=(self.padding, 0),
            dilation=(self.dilation, (1, 1)),
            groups=(self.groups, 1),
            bias=(self.bias is not None, True),
        )
        kernel = one_or_pair(self.kernel_size)
        return f"{self.in_channels}, {self.out_channels}, {kernel}{options}"
