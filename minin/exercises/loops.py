"""What an answer is compared with: loops, one output number at a time, without any trick.

Nothing here comes from minin's own operations, so that an answer and its judge cannot share
a mistake. Axes are named as in the exercises.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]


def outputs(h: int, w: int, kernel: Pair, stride: Pair, padding: Pair = (0, 0)) -> Pair:
    """Count the windows down and across."""
    oh = (h + 2 * padding[0] - kernel[0]) // stride[0] + 1
    ow = (w + 2 * padding[1] - kernel[1]) // stride[1] + 1
    return oh, ow


def im2col(x: Array, kernel: Pair, stride: Pair, padding: Pair) -> Array:
    """Copy pixel by pixel. x (N, C, H, W) -> (N, C*KH*KW, OH*OW)."""
    (n, c, h, w), (kh, kw) = x.shape, kernel
    oh, ow = outputs(h, w, kernel, stride, padding)
    columns = np.zeros((n, c * kh * kw, oh * ow), dtype=x.dtype)
    for a, ch, i, j, y, z in product(*map(range, (n, c, kh, kw, oh, ow))):
        row, column = y * stride[0] - padding[0] + i, z * stride[1] - padding[1] + j
        if 0 <= row < h and 0 <= column < w:
            columns[a, (ch * kh + i) * kw + j, y * ow + z] = x[a, ch, row, column]
    return columns


def col2im(
    cols: Array, image_shape: tuple[int, int, int, int], kernel: Pair, stride: Pair, padding: Pair
) -> Array:
    """Add number by number. cols (N, C*KH*KW, OH*OW) -> (N, C, H, W)."""
    (n, c, h, w), (kh, kw) = image_shape, kernel
    oh, ow = outputs(h, w, kernel, stride, padding)
    x = np.zeros(image_shape, dtype=cols.dtype)
    for a, ch, i, j, y, z in product(*map(range, (n, c, kh, kw, oh, ow))):
        row, column = y * stride[0] - padding[0] + i, z * stride[1] - padding[1] + j
        if 0 <= row < h and 0 <= column < w:
            x[a, ch, row, column] += cols[a, (ch * kh + i) * kw + j, y * ow + z]
    return x


def coverage(
    image_shape: tuple[int, int, int, int], kernel: Pair, stride: Pair, padding: Pair
) -> Array:
    """Count the windows over each pixel. -> (N, C, H, W)."""
    n, c, h, w = image_shape
    oh, ow = outputs(h, w, kernel, stride, padding)
    ones = np.ones((n, c * kernel[0] * kernel[1], oh * ow))
    return col2im(ones, image_shape, kernel, stride, padding)


def conv(x: Array, weight: Array, bias: Array, stride: Pair, padding: Pair) -> Array:
    """Multiply and add, output by output. -> (N, O, OH, OW)."""
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = outputs(h, w, (kh, kw), stride, padding)
    y = np.zeros((n, o, oh, ow))
    for a, out, p, q in product(range(n), range(o), range(oh), range(ow)):
        total = float(bias[out])
        for ch, i, j in product(range(c), range(kh), range(kw)):
            row, column = p * stride[0] - padding[0] + i, q * stride[1] - padding[1] + j
            if 0 <= row < h and 0 <= column < w:
                total += float(x[a, ch, row, column] * weight[out, ch, i, j])
        y[a, out, p, q] = total
    return y


def conv1x1(x: Array, weight: Array, bias: Array) -> Array:
    """Multiply each pixel by the matrix. x (N, C, H, W), weight (O, C) -> (N, O, H, W)."""
    return conv(x, weight[:, :, None, None], bias, (1, 1), (0, 0))


def max_pool(x: Array, kernel: Pair, stride: Pair) -> Array:
    """Take the maximum of each window. -> (N, C, OH, OW)."""
    n, c, h, w = x.shape
    oh, ow = outputs(h, w, kernel, stride)
    y = np.zeros((n, c, oh, ow))
    for a, ch, p, q in product(*map(range, (n, c, oh, ow))):
        rows, columns = p * stride[0], q * stride[1]
        y[a, ch, p, q] = max(
            float(x[a, ch, rows + i, columns + j])
            for i, j in product(range(kernel[0]), range(kernel[1]))
        )
    return y


def max_pool_backward(
    grad_y: Array, x: Array, kernel: Pair, stride: Pair, ties: str = "first"
) -> Array:
    """Give each window's slope to its maximum. grad_y (N, C, OH, OW) -> (N, C, H, W).

    ``ties`` says who gets it if several pixels are the maximum: the "first", "all" of them in
    full, or each its part ("split").
    """
    grad_x = np.zeros(x.shape)
    for a, ch, p, q in product(*map(range, grad_y.shape)):
        places = [
            (p * stride[0] + i, q * stride[1] + j)
            for i, j in product(range(kernel[0]), range(kernel[1]))
        ]
        most = max(x[a, ch, i, j] for i, j in places)
        winners = [(i, j) for i, j in places if x[a, ch, i, j] == most]
        share = 1 / len(winners) if ties == "split" else 1.0
        for i, j in winners[:1] if ties == "first" else winners:
            grad_x[a, ch, i, j] += share * grad_y[a, ch, p, q]
    return grad_x


def global_avg_pool(x: Array) -> Array:
    """Average each map. -> (N, C)."""
    n, c, h, w = x.shape
    y = np.zeros((n, c))
    for a, ch in product(range(n), range(c)):
        y[a, ch] = sum(float(x[a, ch, i, j]) for i, j in product(range(h), range(w))) / (h * w)
    return y
