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

    N images   C channels   H rows   W columns   O output channels   K = C*KH*KW   P = OH*OW
    KH KW kernel   SH SW stride   DH DW dilation   OH OW output

Cost: N*P*O*K multiply-accumulates forward and twice that backward. The columns hold every
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


def im2col_of(x: Array, window: Window) -> Array:
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
    cells = [padded[:, :, rows, columns] for rows, columns in window.cells((oh, ow))]
    cols = xp.stack(cells, axis=2)  # KH*KW of (N, C, OH, OW) -> (N, C, KH*KW, OH, OW)
    return xp.reshape(cols, (n, c * len(cells), oh * ow))


def col2im_of(cols: Array, size: Pair, window: Window) -> Array:
    """Add every column's numbers back to the pixels they were read from.

    The adjoint of `im2col_of`: the same walk, reading turned into adding. Windows overlap, so
    a pixel that was read by several receives from all of them: `+=`, never `=`.

    Shapes: cols (N, C*KH*KW, OH*OW) -> (N, C, H, W).
    """
    xp = namespace(cols)
    (h, w), (oh, ow), (kh, kw) = size, window.output_size(size), window.kernel
    n, c = cols.shape[0], cols.shape[1] // (kh * kw)
    if window.is_pointwise:
        return xp.reshape(cols, (n, c, h, w))
    cells = xp.reshape(cols, (n, c, kh * kw, oh, ow))  # (N, C, KH*KW, OH, OW)
    (top, bottom), (left, right) = border = window.border(size)
    padded = backend.zeros((n, c, h + top + bottom, w + left + right), like=cols)
    for cell, (rows, columns) in enumerate(window.cells((oh, ow))):
        padded[:, :, rows, columns] += cells[:, :, cell, :, :]  # (N, C, OH, OW)
    return crop(padded, border, size)


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
        kernel_size: as `Window`; so are the others. The border is of zeros.
        stride: pixels from window to window.
        padding: pixels of border, "same" or "valid".
        dilation: pixels from cell to cell.

    Raises:
        ShapeError: if x has not four axes or no window fits.

    Example:
        >>> x = minin.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
        >>> print(minin.ops.im2col(x, 2).data)
        [[[1. 2.]
          [2. 3.]
          [4. 5.]
          [5. 6.]]]

    Source: section 1 of K. Chellapilla, S. Puri, P. Simard, "High performance convolutional
    neural networks for document processing" (2006), where the name "unrolling" is used.
    """
    size = (x.shape[2], x.shape[3])
    window = Window.of(kernel_size, stride, padding, dilation, size=size)
    return im2col_of(x, window), lambda grad_y: (col2im_of(grad_y, size, window),)


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
        kernel_size: im2col's; so are the others.
        stride: im2col's.
        padding: im2col's.
        dilation: im2col's.

    Raises:
        ShapeError: if cols are not the columns of such an image.

    Example:
        >>> cols = minin.ops.im2col(minin.tensor([[[[1.0, 2.0, 3.0]]]]), (1, 2))
        >>> print(minin.ops.col2im(cols, (1, 3), (1, 2)).data)
        [[[[1. 4. 3.]]]]
    """
    size = pair("output_size", output_size)
    window = Window.of(kernel_size, stride, padding, dilation, size=size)
    oh, ow = window.output_size(size)
    kh, kw = window.kernel
    if cols.shape[1] % (kh * kw) or cols.shape[2] != oh * ow:
        raise ShapeError(
            f"col2im: cols must have shape (N, C*{kh}*{kw}, {oh}*{ow}) for a {size[0]}x{size[1]} "
            f"image under this window, got {tuple(cols.shape)}; give the window that im2col had"
        )
    return col2im_of(cols, size, window), lambda grad_y: (im2col_of(grad_y, window),)


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

    Shapes: x (N, C, H, W), weight (O, C/groups, KH, KW), bias (O) -> (N, O, OH, OW).

    Args:
        x: images.
        weight: filters.
        bias: one number an output channel, or None.
        stride: as `Window`; so are the next two. The border is of zeros.
        padding: pixels of border, "same" or "valid".
        dilation: pixels from cell to cell.
        groups: a divisor of C and of O: channels and filters are dealt out in so many parts.

    Raises:
        ShapeError: if the shapes do not fit together, or no window fits the image.
        ArgumentError: if a parameter is out of range.
        DtypeError: if an array holds no floats.

    Example:
        >>> import numpy as np
        >>> images, filters = np.ones((8, 3, 32, 32)), np.ones((192, 3, 5, 5))
        >>> minin.ops.conv2d(images, filters, padding=2).shape
        (8, 192, 32, 32)

    Source: equation 1 of the paper, without its ReLU.
    """
    require.one_float_dtype("conv2d", x=x, weight=weight, bias=bias)
    xp, (n, c, h, w), (o, _, kh, kw) = namespace(x), x.shape, weight.shape
    window = Window.of((kh, kw), stride, padding, dilation, size=(h, w))
    if groups != 1:
        return _conv2d_in_groups(x, weight, bias, window, integer("groups", groups))
    oh, ow = window.output_size((h, w))
    cols = im2col_of(x, window)  # (N, K, P)
    filters = xp.reshape(weight, (o, c * kh * kw))  # (O, K)
    y = xp.reshape(xp.matmul(filters, cols), (n, o, oh, ow))  # (O, K) @ (N, K, P) -> (N, O, P)
    has_bias = bias is not None
    if has_bias:
        y = y + xp.reshape(bias, (o, 1, 1))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.reshape(grad_y, (n, o, oh * ow))  # (N, O, P)

        def grad_x() -> Array:
            grad_cols = xp.matmul(xp.matrix_transpose(filters), grad)  # (K, O) @ (N, O, P)
            return col2im_of(grad_cols, (h, w), window)  # (N, C, H, W)

        def grad_weight() -> Array:
            per_image = xp.matmul(grad, xp.matrix_transpose(cols))  # (N, O, P) @ (N, P, K)
            return xp.reshape(xp.sum(per_image, axis=0), (o, c, kh, kw))  # from (O, K)

        def grad_bias() -> Array:
            return xp.sum(grad_y, axis=(0, 2, 3))  # (O,): all pixels of a map share a bias

        return grad_x, grad_weight, grad_bias if has_bias else None

    return y, backward


def _conv2d_in_groups(
    x: Array, weight: Array, bias: Array, window: Window, groups: int
) -> OutputAndBackward:
    """Deal channels and filters out in G parts: a product for each, side by side."""
    g, (n, c, h, w), o = groups, x.shape, weight.shape[0]
    if c % g or o % g:
        raise ArgumentError(
            f"conv2d: groups must divide the {c} channels of x and the {o} filters, got {g}"
        )
    conv2d.shapes.check([x, weight, bias], {"groups": g})
    xp, size, weight_shape, has_bias = namespace(x), (h, w), weight.shape, bias is not None
    oh, ow = window.output_size(size)
    cols = im2col_of(x, window)  # (N, K, P)
    k, p = cols.shape[1:]
    cols = xp.reshape(cols, (n, g, k // g, p))  # (N, G, K/G, P)
    filters = xp.reshape(weight, (g, o // g, k // g))  # (G, O/G, K/G)
    y = xp.reshape(xp.matmul(filters, cols), (n, o, oh, ow))  # from (N, G, O/G, P)
    if has_bias:
        y = y + xp.reshape(bias, (o, 1, 1))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.reshape(grad_y, (n, g, o // g, p))  # (N, G, O/G, P)

        def grad_x() -> Array:
            grad_cols = xp.matmul(xp.matrix_transpose(filters), grad)  # (N, G, K/G, P)
            return col2im_of(xp.reshape(grad_cols, (n, k, p)), size, window)  # (N, C, H, W)

        def grad_weight() -> Array:
            per_image = xp.matmul(grad, xp.matrix_transpose(cols))  # (N, G, O/G, K/G)
            return xp.reshape(xp.sum(per_image, axis=0), weight_shape)  # from (G, O/G, K/G)

        def grad_bias() -> Array:
            return xp.sum(grad_y, axis=(0, 2, 3))  # (O,)

        return grad_x, grad_weight, grad_bias if has_bias else None

    return y, backward
