"""Convolution by Winograd's method: fewer multiplications, paid with additions and digits.

`cook_toom` computes m outputs of r taps along a line with n = m + r - 1 multiplications instead
of m*r. Done along rows and columns at once, m x m outputs of an r x r kernel g take n*n instead
of m*m*r*r. With a tile d of n x n pixels,

    y = A^T [ (G g G^T) * (B^T d B) ] A          * multiplies number by number

Channels are added up before the way back, and images and tiles share each transformed kernel.
So what stands in the middle, for each of the n*n places (i, j), is a matrix product:

    product[i, j] (O, N*T)  =  kernels[i, j] (O, C)  @  inputs[i, j] (C, N*T)

For 3x3 kernels and m = 4 that is 36 numbers where the definition has 144: a quarter of the work.

B^T d B is linear in the n*n numbers of d, so it is one matrix applied to them as a vector: the
Kronecker product of B^T with itself, whose row i*n + j and column a*n + b hold
B^T[i, a] * B^T[j, b]. Here all three transforms are written so: one matrix product each.

    N images   C channels   O output channels   m outputs, r taps, n inputs along a line
    TH TW tiles along rows and columns, TH = ceil(OH/m), T = TH*TW, the last ones overhanging

Covers: square kernels of 2x2 to 7x7, stride 1, dilation 1. A stride would throw away what the
tiles share.
Cost: 2*n*n*N*O*C*T FLOPs in the middle, at best (n/(m*r))^2 of the definition's, and the
transforms. Memory: the tiles overlap, so each pixel is there (n/m)^2 times, before and after.
Accuracy: exact in exact arithmetic. In float32 and with 64 channels the rounding error is that
of im2col for n = 4, about 6 times that for n = 6 and 12 to 16 times for n = 8: then 4e-6 of a
typical output, far below the noise of training.

Source: A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks" (2016),
arXiv 1509.09308, section 4 and algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minin import backend
from minin.algorithms.algorithm import Algorithm
from minin.algorithms.cook_toom import cook_toom
from minin.algorithms.layer import Cost, Layer, framed
from minin.backend import Array, namespace
from minin.ops.reshape import pad
from minin.shapes import Margins, Pair, Window, integer

LARGEST_KERNEL = 7
MOST_INPUTS = 8  # n = m + r - 1; beyond it float32 loses too much


@dataclass(frozen=True)
class TileGrid:
    """How tiles of m x m outputs lie on a layer.

    Attributes:
        m: outputs along a line.
        r: taps.
        tiles: (TH, TW), tiles along rows and columns.
        border: zeros around the image: the padding, and what the last tiles overhang.
    """

    m: int
    r: int
    tiles: Pair
    border: Margins

    @property
    def n(self) -> int:
        """The inputs along a line: m + r - 1."""
        return self.m + self.r - 1

    @property
    def window(self) -> Window:
        """The tiles as windows: n x n pixels, m from one to the next."""
        return Window((self.n, self.n), stride=(self.m, self.m))


def convolve(layer: Layer, x: Array, weight: Array, bias: Array, m: int | None = None) -> Array:
    """Convolve in the domain where correlation is multiplication, tile by tile.

    **Shapes:** x (N, C, H, W), weight (O, C, R, R), bias (O) -> (N, O, OH, OW).

    Example:
        >>> import numpy as np
        >>> x, weight = np.arange(36.0).reshape(1, 1, 6, 6), np.ones((1, 1, 3, 3))
        >>> conv2d_winograd(x, weight)[0, 0].round(9)
        array([[ 63.,  72.,  81.,  90.],
               [117., 126., 135., 144.],
               [171., 180., 189., 198.],
               [225., 234., 243., 252.]])
    """
    xp, grid = namespace(x), grid_of(layer, m)
    n, (images, c, _, _), o = grid.n, layer.x_shape, layer.weight_shape[0]
    t = grid.tiles[0] * grid.tiles[1]
    to_output, to_kernel, to_input = _squared(grid, x)  # (m*m, n*n), (n*n, r*r), (n*n, n*n)

    taps = xp.matrix_transpose(xp.reshape(weight, (o * c, grid.r**2)))  # (r*r, O*C)
    kernels = xp.reshape(xp.matmul(to_kernel, taps), (n * n, o, c))  # G g G^T
    inputs = xp.matmul(to_input, _tiles_of(x, grid))  # B^T d B (n*n, C*N*T)
    product = xp.matmul(kernels, xp.reshape(inputs, (n * n, c, images * t)))  # (n*n, O, N*T)
    del inputs  # large; the next large array can have its place
    flat = xp.reshape(product, (n * n, o * images * t))
    del product
    parts = xp.matmul(to_output, flat)  # A^T [...] A (m*m, O*N*T)
    del flat
    y = _joined(parts, grid, layer)  # (N, O, OH, OW)
    if bias is not None:
        y += xp.reshape(bias, (o, 1, 1))
    return y


def grid_of(layer: Layer, m: int | None = None) -> TileGrid:
    """Lay tiles of m x m outputs over the whole output.

    Example:
        >>> grid = grid_of(Layer.of_shapes((1, 1, 16, 16), (1, 1, 5, 5), padding=2))
        >>> grid.m, grid.n, grid.tiles, grid.border
        (4, 8, (4, 4), ((2, 2), (2, 2)))
    """
    r, (oh, ow) = layer.weight_shape[2], layer.output_size
    m = min(4, MOST_INPUTS + 1 - r, max(oh, ow)) if m is None else integer("m", m)
    tiles = -(-oh // m), -(-ow // m)
    (top, bottom), (left, right) = layer.window.padding
    over = tiles[0] * m - oh, tiles[1] * m - ow
    return TileGrid(m, r, tiles, ((top, bottom + over[0]), (left, right + over[1])))


def _squared(grid: TileGrid, like: Array) -> tuple[Array, ...]:
    """Return A^T, G and B^T for rows and columns at once.

    Shapes: -> (m*m, n*n), (n*n, r*r), (n*n, n*n).
    """
    matrices = cook_toom(grid.m, grid.r).arrays(np.float64)
    return tuple(
        backend.asarray(np.kron(matrix, matrix), like=like, dtype=like.dtype) for matrix in matrices
    )


def _tiles_of(x: Array, grid: TileGrid) -> Array:
    """Write down the n*n pixels of each tile: im2col, the tiles being the windows.

    Shapes: x (N, C, H, W) -> (n*n, C*N*TH*TW).
    """
    xp = namespace(x)
    n, c = x.shape[:2]
    padded = pad(x, grid.border)  # (N, C, TH*m + r - 1, TW*m + r - 1)
    tiles = backend.zeros((grid.n**2, c, n, *grid.tiles), like=x)  # (n*n, C, N, TH, TW)
    for cell, (down, across) in enumerate(grid.window.cells(grid.tiles)):
        tiles[cell, ...] = xp.permute_dims(padded[:, :, down, across], (1, 0, 2, 3))
    return xp.reshape(tiles, (grid.n**2, -1))  # (n*n, C*N*T)


def _joined(parts: Array, grid: TileGrid, layer: Layer) -> Array:
    """Lay the tiles of outputs side by side; what overhangs is cut off.

    Place (a, b) of all tiles is the lattice of every m-th pixel from (a, b) on.

    Shapes: parts (m*m, O*N*TH*TW) -> (N, O, OH, OW).
    """
    xp, m = namespace(parts), grid.m
    n, o, oh, ow = layer.y_shape
    tiled = xp.reshape(parts, (m, m, o, n, *grid.tiles))  # (m, m, O, N, TH, TW)
    y = backend.zeros(layer.y_shape, like=parts)  # (N, O, OH, OW)
    for a in range(min(m, oh)):
        for b in range(min(m, ow)):
            rows, columns = -(-(oh - a) // m), -(-(ow - b) // m)  # without the overhang
            part = tiled[a, b, :, :, :rows, :columns]  # (O, N, rows, columns)
            y[:, :, a::m, b::m] = xp.permute_dims(part, (1, 0, 2, 3))
    return y


def why_not(layer: Layer) -> str | None:
    """Say why a layer is not covered; None if it is."""
    window, (kh, kw) = layer.window, layer.window.kernel
    if window.stride != (1, 1) or window.dilation != (1, 1):
        return (
            f"needs stride 1 and dilation 1, got stride {window.stride} and dilation "
            f"{window.dilation}; take im2col or tiled-im2col"
        )
    if kh != kw or not 2 <= kh <= LARGEST_KERNEL:
        return (
            f"needs a square kernel of 2x2 to {LARGEST_KERNEL}x{LARGEST_KERNEL}, got {kh}x{kw}; "
            f"take {'pointwise' if (kh, kw) == (1, 1) else 'im2col or tiled-im2col'}"
        )
    return None


def cost(layer: Layer, m: int | None = None) -> Cost:
    """Predict what `conv2d_winograd` takes.

    With D = n*n*C*N*T numbers in all tiles, U = n*n*O*C in all kernels, M = n*n*O*N*T in all
    products, and Y = m*m*O*N*T outputs, overhang and all:

    FLOPs: 2*r*r*U for kernels, 2*n*n*D for inputs, 2*C*M for products, 2*n*n*Y for outputs;
    N*O*P for a bias.
    Read: the image to set it in a frame; the three matrices; the weights, D twice (to write
    the tiles down, and to transform them), D + U for the products, M, and N*O*P of the outputs.
    Written: frame and image, the three matrices, U, D three times (zeros, tiles, transformed),
    M, Y, and N*O*P twice, zeros first.
    Peak: the matrices, U, and the largest of frame + D, 2*D, D + M, M + Y and Y + N*O*P.
    """
    grid = grid_of(layer, m)
    n, r, t = grid.n, grid.r, grid.tiles[0] * grid.tiles[1]
    (images, c, _, _), o = layer.x_shape, layer.weight_shape[0]
    d, u, products = n * n * c * images * t, n * n * o * c, n * n * o * images * t
    outputs, y = grid.m**2 * o * images * t, layer.y_size
    frame = framed(layer.x_shape, grid.border)
    image = layer.x_size if frame else 0
    matrices = n**4 + (n * r) ** 2 + (n * grid.m) ** 2
    return layer.cost(
        flops=2 * (r * r * u + n * n * d + c * products + n * n * outputs),
        read=image + matrices + layer.weight_size + 3 * d + u + products + y,
        written=frame + image + matrices + u + 3 * d + products + outputs + 2 * y,
        peak=matrices + u + max(frame + d, 2 * d, d + products, products + outputs, outputs + y),
    )


conv2d_winograd = Algorithm(
    "winograd", convolve, cost, "its transformed tiles", why_not=why_not, options=("m",)
)
