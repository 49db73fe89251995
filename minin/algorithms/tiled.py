"""Convolution by im2col, tile by tile: the columns of a few images or rows at a time.

The product of im2col does not need all columns at once. For a tile of the output, some images
or some of one image's rows, write down its columns alone, multiply, keep the product, and
let the next tile's columns take their place:

    weight (O, K)  @  columns of a tile (K, P')  =  a tile of y (O, P')

The arithmetic is that of im2col, number for number. But the memory no longer grows with the
batch, and a tile's columns are still in the cache when the product reads them.

    N images   C channels   O output channels   KH KW kernel   OH OW output   K = C*KH*KW

Covers: everything.
Cost: 2*N*O*P*K FLOPs, memory for one tile beside the output. Tiles of rows read the KH - SH
rows that two neighbours share twice.

Sources: M. Cho, D. Brand, "MEC: memory-efficient convolution for deep neural network" (2017),
for what im2col wastes; S. Chetlur et al., "cuDNN: efficient primitives for deep learning" (2014),
arXiv 1410.0759, for columns that exist only tile by tile.
"""

from __future__ import annotations

from minin import backend
from minin.algorithms.algorithm import Algorithm
from minin.algorithms.budget import budget
from minin.algorithms.layer import Cost, Layer
from minin.algorithms.tiles import Tile, kinds, tiles
from minin.backend import Array, namespace
from minin.ops.conv import im2col_of


def convolve(layer: Layer, x: Array, weight: Array, bias: Array, budget_bytes: int) -> Array:
    """Convolve by im2col, one tile of the output at a time.

    **Shapes:** x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW).

    Tiles have at most 4 MiB of columns and products; a small budget makes them smaller.

    Example:
        >>> import numpy as np
        >>> x, weight = np.ones((2, 3, 8, 8)), np.ones((4, 3, 5, 5))
        >>> conv2d_tiled(x, weight, padding=2, budget_bytes=12_000)[0, 0, :3, :3]
        array([[27., 36., 45.],
               [36., 48., 60.],
               [45., 60., 75.]])
    """
    y = backend.zeros(layer.y_shape, like=x)  # (N, O, OH, OW)
    for tile in tiles(layer, budget_bytes):
        y[tile.images, :, tile.rows, :] = _one_tile(x, weight, bias, tile)
    return y


def _one_tile(x: Array, weight: Array, bias: Array, tile: Tile) -> Array:
    """Compute one tile; its columns are free again when it returns.

    Shapes: x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N', O, OH', OW).
    """
    xp = namespace(x)
    part = x[tile.images, :, tile.source, :]  # (N', C, H', W), a view
    columns = im2col_of(part, tile.window)  # (N', K, P')
    filters = xp.reshape(weight, (weight.shape[0], -1))  # (O, K)
    y = xp.matmul(filters, columns)  # (O, K) @ (N', K, P') -> (N', O, P')
    if bias is not None:
        y += xp.reshape(bias, (-1, 1))  # (O, 1)
    return xp.reshape(y, tile.y_shape)  # (N', O, OH', OW)


def cost(layer: Layer, budget_bytes: int | None = None) -> Cost:
    """Predict what `conv2d_tiled` takes.

    FLOPs: 2*N*O*P*K, and N*O*P for a bias, as im2col.
    Read and written: what im2col reads and writes, tile by tile: weights and bias once a
    tile, and shared rows twice where there is a frame. The output is written three times: as
    zeros, as product, and into its place; and read once.
    Peak: the output, and for the largest tile its columns + the larger of frame and product.
    """
    read, written, peak = -layer.bias_size, 0, 0  # one bias comes with the output
    for count, tile in kinds(layer, budget(budget_bytes)):
        n, _, rows, ow = tile.y_shape
        columns, filters = n * layer.k * rows * ow, layer.weight_size + layer.bias_size
        read += count * (tile.copies.read + columns + filters)
        written += count * tile.copies.written
        peak = max(peak, tile.numbers)
    return layer.cost(
        flops=2 * layer.macs,
        read=read + layer.y_size,
        written=written + 3 * layer.y_size,
        peak=peak + layer.y_size,
    )


conv2d_tiled = Algorithm(
    "tiled-im2col",
    convolve,
    cost,
    "its output and a tile of one row",
    fix="take a smaller batch",
    options=("budget_bytes",),
)
