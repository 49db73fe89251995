"""The layers that shrink feature maps: maxima, averages, and the average of a whole map."""

from __future__ import annotations

from minin import ops
from minin.autograd import Tensor
from minin.backend import Array, Shape
from minin.nn.geometry import by, image_size, non_defaults, one_or_pair, over
from minin.nn.module import Module
from minin.shapes import PaddingLike, Pair, PairLike, Window, margins, pair


class WindowPool(Module):
    """What the poolings of windows have in common; the arguments are as for `Window`."""

    dilation: Pair = (1, 1)
    name = "pool"

    def __init__(
        self, kernel_size: PairLike, stride: PairLike | None, padding: PaddingLike, ceil_mode: bool
    ) -> None:
        self.kernel_size = pair("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else pair("stride", stride)
        self.padding = padding
        self.ceil_mode = bool(ceil_mode)
        margins("padding", padding)

    def output_shape(self, shape: Shape) -> Shape:
        """Compute (C, H, W) -> (C, OH, OW).

        Raises:
            ShapeError: if no window fits.
        """
        return (shape[0], *self.window().output_size(image_size(type(self).__name__, shape)))

    def window(self) -> Window:
        """Return the window."""
        return Window.of(self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)

    def label(self) -> str:
        """Name the window, as in "max pool 3x3/2"."""
        return f"{self.name} {by(self.kernel_size)}{over(self.stride)}"

    def extra_repr(self) -> str:
        """Show the arguments that are not at their defaults."""
        options = non_defaults(
            stride=(self.stride, self.kernel_size),
            padding=(self.padding, 0),
            dilation=(self.dilation, (1, 1)),
            ceil_mode=(self.ceil_mode, False),
        )
        return f"{one_or_pair(self.kernel_size)}{options}"


class MaxPool2d(WindowPool):
    """Keep the largest number in each window.

    Args:
        kernel_size: as `Window`; so are the others.
        stride: None stands for ``kernel_size``.
        padding: pixels of border, which never win.
        dilation: pixels from one cell of the window to the next.
        ceil_mode: let a last window overhang the edge, as cuda-convnet and Caffe do; the
            published networks need it.

    Raises:
        ArgumentError: if an argument is none of the above.

    Example:
        >>> MaxPool2d(3, stride=2, ceil_mode=True).output_shape((96, 32, 32))
        (96, 16, 16)
        >>> MaxPool2d(3, stride=2).output_shape((96, 32, 32))
        (96, 15, 15)
    """

    name = "max pool"

    def __init__(
        self,
        kernel_size: PairLike,
        stride: PairLike | None = None,
        padding: PaddingLike = 0,
        dilation: PairLike = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.dilation = pair("dilation", dilation)

    def forward(self, x: Tensor | Array) -> Tensor:
        """Pool.

        **Shapes:** x (N, C, H, W) -> (N, C, OH, OW).
        """
        window = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        return ops.max_pool2d(x, *window)


class AvgPool2d(WindowPool):
    """Average each window.

    Args:
        kernel_size: as `Window`; so are the next three.
        stride: None stands for ``kernel_size``.
        padding: pixels of zeros around the image.
        ceil_mode: let a last window overhang the edge; the overhang never counts.
        count_include_pad: let the zeros of the padding count.

    Raises:
        ArgumentError: if an argument is none of the above.

    Example:
        >>> AvgPool2d(2).output_shape((10, 8, 8))
        (10, 4, 4)
    """

    name = "avg pool"

    def __init__(
        self,
        kernel_size: PairLike,
        stride: PairLike | None = None,
        padding: PaddingLike = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = bool(count_include_pad)

    def forward(self, x: Tensor | Array) -> Tensor:
        """Pool.

        **Shapes:** x (N, C, H, W) -> (N, C, OH, OW).
        """
        window = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return ops.avg_pool2d(x, *window, self.count_include_pad)

    def extra_repr(self) -> str:
        """Show the arguments that are not at their defaults."""
        return super().extra_repr() + non_defaults(count_include_pad=(self.count_include_pad, True))


class GlobalAvgPool2d(Module):
    """Average each feature map to one number: the class scores of Network in Network.

    It has no parameters, fits any image size, and ties each class to one map.

    Example:
        >>> GlobalAvgPool2d().output_shape((10, 8, 8))
        (10,)

    Source:
        Lin, Chen and Yan 2013, section 3.2.
    """

    def forward(self, x: Tensor | Array) -> Tensor:
        """Average over all pixels.

        **Shapes:** x (N, C, H, W) -> (N, C).
        """
        return ops.global_avg_pool2d(x)

    def output_shape(self, shape: Shape) -> Shape:
        """Compute (C, H, W) -> (C,).

        Raises:
            ShapeError: if there is no image any more.
        """
        image_size("GlobalAvgPool2d", shape)
        return shape[:1]

    def label(self) -> str:
        """Name the layer."""
        return "global avg pool"
