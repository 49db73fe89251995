"""Convolution by shift and add: one small product for each kernel cell.

Put the sum over the kernel cells (a, b) outside, and what stays inside is a 1x1 convolution of
the image moved by (a, b):

    y[n] = sum over a, b of   weight[:, :, a, b] (O, C)  @  x moved by (a, b) (C, P)

Each cell sees a regular lattice of OH*OW pixels; no columns are written, only one lattice at a
time. So memory is smaller than im2col's by nearly KH*KW. What it costs instead: the output is
read and added to KH*KW times, and the products are small: their inner length is C, not C*KH*KW.

    N images   C channels   O output channels   KH KW kernel   P = OH*OW   K = C*KH*KW

Covers: everything.
Cost: 2*N*O*P*K FLOPs for the products and N*O*P*KH*KW for adding them up; memory for one
lattice and one product beside the output.

Source: A. Vasudevan, A. Anderson, D. Gregg, "Parallel multi channel convolution using general
matrix multiplication" (2017), arXiv 1704.04428, where it is called kn2row.
"""

from __future__ import annotations

from minin import backend
from minin.algorithms.algorithm import Algorithm
from minin.algorithms.layer import Cost, Layer
from minin.backend import Array, namespace
from minin.ops.reshape import pad


def convolve(layer: Layer, x: Array, weight: Array, bias: Array) -> Array:
    """Convolve by adding up one 1x1 convolution for each kernel cell.

    **Shapes:** x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW).

    Example:
        >>> import numpy as np
        >>> x, weight = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
        >>> conv2d_shifts(x, weight)
        array([[[[ 8., 12.],
                 [20., 24.]]]])
    """
    xp = namespace(x)
    (n, o, oh, ow), c = layer.y_shape, layer.x_shape[1]

    cells = _by_cell(weight)  # (KH*KW, O, C)
    padded = pad(x, layer.window.padding)  # (N, C, H + top + bottom, W + left + right)
    y = backend.zeros((n, o, oh * ow), like=x)  # (N, O, P)
    for cell, (down, across) in enumerate(layer.window.cells((oh, ow))):
        moved = padded[:, :, down, across]  # (N, C, OH, OW), a view
        pixels = xp.reshape(backend.copy(moved), (n, c, oh * ow))  # (N, C, P)
        y += xp.matmul(cells[cell, :, :], pixels)  # (O, C) @ (N, C, P) -> (N, O, P)
        del moved, pixels  # before the next are made
    if bias is not None:
        y += xp.reshape(bias, (o, 1))  # (O, 1)
    return xp.reshape(y, (n, o, oh, ow))


def _by_cell(weight: Array) -> Array:
    """Lay the weights of each kernel cell side by side in memory, as products want them.

    Shapes: weight (O, C, KH, KW) -> (KH*KW, O, C).
    """
    _, _, kh, kw = weight.shape
    each = [weight[:, :, a, b] for a in range(kh) for b in range(kw)]  # KH*KW of (O, C)
    return namespace(weight).stack(each, axis=0)  # (KH*KW, O, C)


def cost(layer: Layer) -> Cost:
    """Predict what `conv2d_shifts` takes.

    FLOPs: 2*N*O*P*K and N*O*P*KH*KW, and N*O*P for a bias.
    Read: the image to set it in a frame; the weights to lay them out by cell; and for each
    cell its O*C weights, its lattice twice, to copy and to multiply, output and product.
    Written: frame and image, the weights by cell, the output with zeros; for each cell its
    lattice, its product and the output.
    Peak: the weights, frame, output, one lattice of N*C*P numbers and one product of N*O*P.
    """
    (n, c, _, _), (_, _, kh, kw) = layer.x_shape, layer.weight_shape
    cells, lattice, y, frame = kh * kw, n * c * layer.p, layer.y_size, layer.frame
    image = layer.x_size if frame else 0
    return layer.cost(
        flops=2 * layer.macs + cells * y,
        read=image + 2 * layer.weight_size + cells * (2 * lattice + 2 * y),
        written=frame + image + layer.weight_size + y + cells * (lattice + 2 * y),
        peak=layer.weight_size + frame + lattice + 2 * y,
    )


conv2d_shifts = Algorithm("shift-and-add", convolve, cost, "its output, and as much again to add")
