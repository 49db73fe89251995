"""Convolution as one matrix product: im2col, its adjoint col2im, and conv2d.

A convolution lays a small window on the image, multiplies what it sees by the weights, adds
up, and moves on. Written out, for output channel o at row i and column j:

    y[n, o, i, j] = bias[o] + sum over c, a, b of
                    weight[o, c, a, b] * x[n, c, i * SH + a * DH - top, j * SW + b * DW - left]

For one (i, j) the sum is a product of two vectors of K = C*KH*KW numbers: the weights of o,
and the pixels under the window. im2col writes these pixels down, one column a window, P =
OH*OW columns an image. Then the convolution of a whole image is one matrix product:

    weight (O, K)  @  columns (K, P)  =  y (O, P)

The 1x1 convolution is the heart of Network in Network (Lin, Chen, Yan 2013, section 3.1): each
pixel's channels pass through a small dense layer, the same for every pixel. Its windows are
single pixels, so the columns *are* the image, seen as (C, H*W): nothing is copied.

    N images   C channels   H rows   W columns   O output channels   G groups
    KH KW kernel   SH SW stride   DH DW dilation   OH OW output   K = C*KH*KW   P = OH*OW

Cost: N*P*O*K/G multiply-accumulates forward and twice that backward. The columns hold every
pixel KH*KW times (at stride 1): memory is the price of computing by one product.
"""

from __future__ import annotations

from typing import Any

from minin import backend
from minin.autograd import differentiable
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError, ShapeError
from minin.ops.reshape import crop, pad
from minin.shapes import Pair, Window, integer, pair


def columns_of(x: Array, window: Window) -> Array:
    """Write the pixels under each window into a column.

    One kernel cell sees a regular lattice of OH*OW pixels, and its row of the columns is that
    lattice: the walk goes over KH*KW cells, not over OH*OW windows.

    Shapes: x (N, C, H, W) -> (N, C*KH*KW, OH*OW).
    """
    xp = namespace(x)
    n, c, h, w = x.shape
    if window.is_pointwise:
        return xp.reshape(x, (n, c, h * w))  # a view: the image is its own columns
    oh, ow = window.output_size((h, w))
    padded = pad(x, window.border((h, w)))  # (N, C, H + top + bottom, W + left + right)
    cells = [padded[:, :, down, across] for down, across in window.cells((oh, ow))]
    columns = xp.stack(cells, axis=2)  # KH*KW of (N, C, OH, OW) -> (N, C, KH*KW, OH, OW)
    return xp.reshape(columns, (n, c * len(cells), oh * ow))


def image_of(columns: Array, size: Pair, window: Window) -> Array:
    """Add every column's numbers back to the pixels they were read from.

    The adjoint of `columns_of`: the same walk, reading turned into adding. Windows overlap, so
    a pixel that was read by several receives from all of them: `+=`, never `=`.

    Shapes: columns (N, C*KH*KW, OH*OW) -> (N, C, H, W).
    """
    xp = namespace(columns)
    (h, w), (oh, ow), (kh, kw) = size, window.output_size(size), window.kernel
    n, c = columns.shape[0], columns.shape[1] // (kh * kw)
    if window.is_pointwise:
        return xp.reshape(columns, (n, c, h, w))
    cells = xp.reshape(columns, (n, c, kh * kw, oh, ow))  # (N, C, KH*KW, OH, OW)
    (top, bottom), (left, right) = window.border(size)
    padded = backend.zeros((n, c, h + top + bottom, w + left + right), like=columns)
    for cell, (down, across) in enumerate(window.cells((oh, ow))):
        padded[:, :, down, across] += cells[:, :, cell, :, :]  # (N, C, OH, OW)
    return crop(padded, top, left, size)


@differentiable
def im2col(
    x: Array, *, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> OutputAndBackward:
    """Write the pixels under each window of a kernel into a column.

    Row c*KH*KW + a*KW + b of the columns belongs to kernel cell (a, b) of channel c; column
    i*OW + j to the window whose output is (i, j).

    Shapes: x (N, C, H, W) -> (N, C*KH*KW, OH*OW).

    Args:
        x: images.
        kernel_size: int or (KH, KW), cells.
        stride: int or (SH, SW), pixels from window to window.
        padding: int, (PH, PW), ((top, bottom), (left, right)), "same" or "valid"; zeros.
        dilation: int or (DH, DW), pixels from cell to cell.

    Raises:
        ShapeError: if x has not four axes or no window fits.

    Example:
        >>> import minin
        >>> x = minin.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
        >>> print(minin.ops.im2col(x, 2).data)
        [[[1. 2.]
          [2. 3.]
          [4. 5.]
          [5. 6.]]]

    Source: section 1 of K. Chellapilla, S. Puri, P. Simard, "High performance convolutional
    neural networks for document processing" (2006), where the name "unrolling" is used.
    """
    require.axes("im2col", "N C H W", x=x)
    size = (x.shape[2], x.shape[3])
    window = Window.of(kernel_size, stride, padding, dilation, size=size)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        def grad_x() -> Array:
            return image_of(grad_y, size, window)  # (N, K, P) -> (N, C, H, W)

        return (grad_x,)

    return columns_of(x, window), backward


@differentiable
def col2im(
    cols: Array,
    *,
    output_size: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
) -> OutputAndBackward:
    """Add every column's numbers back to the pixels that im2col reads them from.

    It is im2col's adjoint, not its inverse: col2im(im2col(x)) multiplies each pixel by the
    number of windows that see it.

    Shapes: cols (N, C*KH*KW, OH*OW) -> (N, C, H, W).

    Args:
        cols: columns as im2col writes them.
        output_size: (H, W) of the image.
        kernel_size: as for im2col; so are the others.
        stride: int or (SH, SW).
        padding: what im2col takes.
        dilation: int or (DH, DW).

    Raises:
        ShapeError: if cols are not the columns of such an image.

    Example:
        >>> import minin
        >>> cols = minin.ops.im2col(minin.tensor([[[[1.0, 2.0, 3.0]]]]), (1, 2))
        >>> print(minin.ops.col2im(cols, (1, 3), (1, 2)).data)
        [[[[1. 4. 3.]]]]
    """
    require.axes("col2im", "N C*KH*KW OH*OW", cols=cols)
    size = pair("output_size", output_size)
    window = Window.of(kernel_size, stride, padding, dilation, size=size)
    oh, ow = window.output_size(size)
    kh, kw = window.kernel
    if cols.shape[1] % (kh * kw) or cols.shape[2] != oh * ow:
        raise ShapeError(
            f"col2im: cols must have shape (N, C*{kh}*{kw}, {oh}*{ow}) for a {size[0]}x{size[1]} "
            f"image under this window, got {tuple(cols.shape)}; give the window that im2col had"
        )

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        def grad_cols() -> Array:
            return columns_of(grad_y, window)  # (N, C, H, W) -> (N, K, P)

        return (grad_cols,)

    return image_of(cols, size, window), backward


@differentiable
def conv2d(
    x: Array,
    weight: Array,
    bias: Array = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> OutputAndBackward:
    """Slide a bank of filters over images: im2col and one matrix product.

    With groups, channels are dealt out in G equal parts, each with its own O/G filters; the
    product becomes G products side by side, and nothing else changes.

    Shapes: x (N, C, H, W), weight (O, C/G, KH, KW), bias (O) -> (N, O, OH, OW).

    Args:
        x: images.
        weight: filters.
        bias: one number an output channel, or None.
        stride: int or (SH, SW), pixels from window to window.
        padding: int, (PH, PW), ((top, bottom), (left, right)), "same" (output of
            ceil(H / SH) rows; an odd pixel goes to the bottom and right) or "valid"; zeros.
        dilation: int or (DH, DW), pixels from cell to cell.
        groups: G, a divisor of C and of O.

    Raises:
        ShapeError: if the shapes do not fit together, or no window fits the image.
        ArgumentError: if a parameter is out of range.
        DtypeError: if an array holds no floats.

    Example:
        >>> import minin, numpy as np
        >>> images, filters = np.ones((8, 3, 32, 32)), np.ones((192, 3, 5, 5))
        >>> minin.ops.conv2d(images, filters, padding=2).shape
        (8, 192, 32, 32)

    Source: equation 1 of the paper, without its ReLU.
    """
    g = integer("groups", groups)
    check_conv(x, weight, bias, g)
    xp = namespace(x)
    n, c, h, w = x.shape
    o, _, kh, kw = weight.shape
    window = Window.of((kh, kw), stride, padding, dilation, size=(h, w))
    oh, ow = window.output_size((h, w))
    k, p = c * kh * kw, oh * ow

    cols = xp.reshape(columns_of(x, window), (n, g, k // g, p))  # (N, G, K/G, P)
    filters = xp.reshape(weight, (g, o // g, k // g))  # (G, O/G, K/G)
    y = xp.reshape(xp.matmul(filters, cols), (n, o, oh, ow))  # (N, G, O/G, P) -> (N, O, OH, OW)
    has_bias = bias is not None
    if has_bias:
        y = y + xp.reshape(bias, (o, 1, 1))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.reshape(grad_y, (n, g, o // g, p))  # (N, G, O/G, P)

        def grad_x() -> Array:
            grad_cols = xp.matmul(xp.matrix_transpose(filters), grad)  # (N, G, K/G, P)
            return image_of(xp.reshape(grad_cols, (n, k, p)), (h, w), window)  # (N, C, H, W)

        def grad_weight() -> Array:
            per_image = xp.matmul(grad, xp.matrix_transpose(cols))  # (N, G, O/G, K/G)
            return xp.reshape(xp.sum(per_image, axis=0), (o, c // g, kh, kw))

        def grad_bias() -> Array:
            return xp.sum(grad_y, axis=(0, 2, 3))  # (O,): all pixels of a map share a bias

        return grad_x, grad_weight, grad_bias if has_bias else None

    return y, backward


def check_conv(x: Array, weight: Array, bias: Array, groups: int) -> None:
    """Refuse arrays that do not fit together, for the plain rule and the fast ones."""
    require.axes("conv2d", "N C H W", x=x)
    require.axes("conv2d", "O C/G KH KW", weight=weight)
    require.floating("conv2d", x=x, weight=weight)
    require.one_dtype("conv2d", x=x, weight=weight)
    c, (o, c_group) = x.shape[1], weight.shape[:2]
    if c % groups or o % groups:
        raise ArgumentError(
            f"conv2d: groups must divide the {c} channels of x and the {o} filters, got {groups}"
        )
    if c_group != c // groups:
        raise ShapeError(
            f"conv2d: weight must have shape (O, {c // groups}, KH, KW) for x of shape "
            f"{tuple(x.shape)} and groups={groups}, got {tuple(weight.shape)}"
        )
    if bias is not None:
        require.floating("conv2d", bias=bias)
        require.one_dtype("conv2d", x=x, bias=bias)
        require.shape("conv2d", "bias", bias, (o,), "one number an output channel")
