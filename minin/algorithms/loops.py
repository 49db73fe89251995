"""Convolution by loops: the definition, one multiplication at a time.

Output channel o at row i and column j of image n is

    y[n, o, i, j] = bias[o] + sum over c, a, b of
                    weight[o, c, a, b] * x[n, c, i * SH + a * DH - top, j * SW + b * DW - left]

where pixels outside the image count as 0. Four loops choose an output number, three add it up.

    N images   C channels   H rows   W columns   O output channels   KH KW kernel
    SH SW stride   DH DW dilation   OH OW output   K = C*KH*KW   P = OH*OW

Covers: everything.
Cost: 2*N*O*P*K FLOPs, and no memory but the output. In C, with the loops in a good order and cut
into blocks, this is how fast libraries do it. In Python each multiplication takes about a
microsecond, some thousand times as long as the processor needs.

Source: equation 1 of Lin, Chen, Yan, "Network in Network" (2013), arXiv 1312.4400, without its
ReLU.
"""

from __future__ import annotations

from minin import backend
from minin.algorithms.algorithm import Algorithm
from minin.algorithms.layer import Cost, Layer
from minin.backend import Array


def convolve(layer: Layer, x: Array, weight: Array, bias: Array) -> Array:
    """Convolve by seven loops, one inside the other.

    **Shapes:** x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW).

    The sum is a Python float, which has 64 bits, and is rounded once at the end.

    Example:
        >>> import numpy as np
        >>> x, weight = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
        >>> conv2d_loops(x, weight)
        array([[[[ 8., 12.],
                 [20., 24.]]]])
    """
    (sh, sw), (dh, dw) = layer.window.stride, layer.window.dilation
    (top, _), (left, _) = layer.window.padding
    (_, channels, h, w), (_, _, kh, kw) = layer.x_shape, layer.weight_shape
    images, filters, oh, ow = layer.y_shape

    y = backend.zeros(layer.y_shape, like=x)  # (N, O, OH, OW)
    for n in range(images):
        for o in range(filters):
            for i in range(oh):
                for j in range(ow):
                    total = 0.0 if bias is None else float(bias[o])
                    for c in range(channels):
                        for a in range(kh):
                            for b in range(kw):
                                row, column = i * sh + a * dh - top, j * sw + b * dw - left
                                inside = 0 <= row < h and 0 <= column < w
                                pixel = float(x[n, c, row, column]) if inside else 0.0
                                total += pixel * float(weight[o, c, a, b])
                    y[n, o, i, j] = total
    return y


def cost(layer: Layer) -> Cost:
    """Predict what `conv2d_loops` takes.

    FLOPs: 2*N*O*P*K; the sum starts with the bias, which therefore is not added.
    Read: N*O*P*K weights, a bias for each of N*O*P sums, and a pixel for each kernel cell of
    a window that lies on the image.
    Written: the output twice, first with zeros.
    Peak: the output.
    """
    rows, columns = layer.window.coverage(layer.x_shape[2:], count_padding=False)
    n, c, o = layer.x_shape[0], layer.x_shape[1], layer.weight_shape[0]
    pixels = n * o * c * sum(rows) * sum(columns)
    biases = layer.y_size if layer.has_bias else 0
    size = layer.itemsize
    return Cost(
        flops=2 * layer.macs,
        bytes_read=size * (layer.macs + pixels + biases),
        bytes_written=size * 2 * layer.y_size,
        peak_bytes=size * layer.y_size,
    )


conv2d_loops = Algorithm("loops", convolve, cost, fix="take a smaller batch")
