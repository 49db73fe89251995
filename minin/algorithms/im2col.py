"""Convolution by im2col: write the pixels under each window into a column, multiply once.

For one window the sum over c, a, b is a product of two vectors of K = C*KH*KW numbers: the
weights of an output channel, and the pixels under the window. Write the pixels of all P = OH*OW
windows side by side, and an image takes one matrix product:

    weight (O, K)  @  columns (K, P)  =  y (O, P)

Nothing is saved in arithmetic; but one large product is what BLAS does best, so the arithmetic
runs near the processor's peak. The price is memory: at stride 1 each pixel is written down
KH*KW times. `conv2d_tiled` pays less of it.

    N images   C channels   O output channels   KH KW kernel   OH OW output

Covers: everything.
Cost: 2*N*O*P*K FLOPs; N*K*P numbers written, read again, and in memory at once.

Source: K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks for
document processing" (2006); `minin.ops.im2col` is the operation with its backward.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from minin.algorithms.algorithm import Algorithm
from minin.algorithms.layer import Cost, Four, Layer, framed
from minin.backend import Array, namespace
from minin.ops.conv import im2col_of
from minin.shapes import Window


def convolve(layer: Layer, x: Array, weight: Array, bias: Array) -> Array:
    """Convolve by one matrix product an image, on columns for the whole batch.

    **Shapes:** x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW).

    Example:
        >>> import numpy as np
        >>> x, weight = np.ones((2, 3, 8, 8)), np.ones((4, 3, 5, 5))
        >>> conv2d_im2col(x, weight, padding=2)[0, 0, :3, :3]
        array([[27., 36., 45.],
               [36., 48., 60.],
               [45., 60., 75.]])
        >>> conv2d_im2col(x, weight, padding=2, budget_bytes=10_000)
        Traceback (most recent call last):
        minin.errors.MemoryBudgetError: im2col: wants 81.8 KiB for its columns and output, and
        the budget is 9.8 KiB; take tiled-im2col or a smaller batch, or give budget_bytes
    """
    xp = namespace(x)
    filters = xp.reshape(weight, (layer.weight_shape[0], layer.k))  # (O, K)
    columns = im2col_of(x, layer.window)  # (N, K, P)
    y = xp.matmul(filters, columns)  # (O, K) @ (N, K, P) -> (N, O, P)
    if bias is not None:
        y += xp.reshape(bias, (-1, 1))  # (O, 1)
    return xp.reshape(y, layer.y_shape)  # (N, O, OH, OW)


def cost(layer: Layer) -> Cost:
    """Predict what `conv2d_im2col` takes.

    FLOPs: 2*N*O*P*K, and N*O*P for a bias.
    Read: the image to set it in a frame of zeros, N*K*P pixels through the windows, then the
    weights and N*K*P columns for the product; for a bias the output once more.
    Written: frame and image, N*K*P columns, N*O*P outputs.
    Peak: columns + the larger of frame and output. A 1x1 kernel of stride 1 without padding
    needs no columns, and without padding there is no frame.
    """
    copied = copies(layer.x_shape, layer.window)
    n = layer.x_shape[0]
    return layer.cost(
        flops=2 * layer.macs,
        read=copied.read + layer.weight_size + n * layer.k * layer.p,
        written=copied.written + layer.y_size,
        peak=copied.columns + max(copied.frame, layer.y_size),
    )


conv2d_im2col = Algorithm("im2col", convolve, cost, "its columns and output")


class Copies(NamedTuple):
    """How many numbers im2col copies.

    Attributes:
        frame: those of the images with their border.
        columns: those of the columns.
        read: all that are read.
        written: all that are written.
    """

    frame: int
    columns: int
    read: int
    written: int


def copies(x_shape: Four, window: Window) -> Copies:
    """Count what writing down the columns of some images copies; nothing where they are a view.

    Example:
        >>> copies((1, 1, 4, 4), Window.of(3))  # 2x2 windows of 9 pixels
        Copies(frame=0, columns=36, read=36, written=36)
    """
    if window.is_pointwise:
        return Copies(0, 0, 0, 0)
    n, c, h, w = x_shape
    frame = framed(x_shape, window.padding)
    images = n * c * h * w if frame else 0
    columns = n * c * math.prod(window.kernel) * math.prod(window.output_size((h, w)))
    return Copies(frame, columns, images + columns, frame + images + columns)
