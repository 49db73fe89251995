"""Winograd (Cook-Toom) convolution in tiles: fewer multiplications, and still matrix products.

`minin.algorithms.cook_toom` tells how m outputs of k taps are had with n = m + k - 1
multiplications. In two dimensions that is done along rows and along columns: an image is cut into
T overlapping patches of n x n pixels, m pixels apart, and each yields m x m outputs with n*n
multiplications a channel pair where im2col takes m*m*k*k.

    V (n*n, T, C)  =  (B^T x B^T) @ patches (n*n, T*C)       x: the Kronecker product
    U (n*n, O, C)  =  (G x G)     @ taps^T (k*k, O*C)        taps: the weight, as it lies
    M (n*n, T, O)  =  V @ U^T                                n*n products, one a "frequency"
    y (m*m, T*O)   =  (A^T x A^T) @ M (n*n, T*O)

Backward is the transpose, step by step, of the function that was computed:

    grad_M = (A x A) @ grad_y      grad_U = grad_M^T @ V      grad_taps = grad_U^T @ (G x G)
    grad_V = grad_M @ U            grad_patches = (B x B) @ grad_V, added up where they overlap

A chunk of images is worked on by all workers in three phases, with a wait after each: patches and
transforms, image by image; products, frequency by frequency (so each adds up its own part of
grad_U, and nothing is summed twice); the way back, image by image.

The bias needs no pass of its own: at the frequency of the points (1, 1) a constant added to M
appears in every output, because 1 to any power is 1.

Cost: see plan.py. Error in float32: about 4e-6 of the output's norm for n = 8.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minin.backend import Array
from minin.fast.cpu import plan, recycle, scratch
from minin.fast.cpu.columns import padded
from minin.fast.cpu.layout import WorkTile
from minin.fast.cpu.workers import run
from minin.shapes import Margins, Pair, Window


class Winograd:
    """One convolution of stride 1 by F(m x m, k x k), forward and back.

    Args:
        images: (N, H, W, C), contiguous.
        weight: (O, C, k, k).
        bias: (O) or None.
        window: of stride and dilation 1.
        size: (OH, OW).
        m: outputs of a tile on each axis.
    """

    def __init__(
        self,
        images: Array,
        weight: Array,
        bias: Array | None,
        window: Window,
        size: Pair,
        m: int,
    ) -> None:
        self.shape, self.bias, self.window, self.size, self.m = images.shape, bias, window, size, m
        self.o, self.c, self.k, _ = weight.shape
        self.n = m + self.k - 1
        self.down, self.across = -(-size[0] // m), -(-size[1] // m)  # tiles
        count = len(images) * self.down * self.across
        self.least = plan.least_tasks(count * self.n**2 * self.c * self.o)
        # Frequencies of each task: one, unless all are done before a second worker is awake.
        self.frequencies = plan.even(0, self.n**2, self.n**2 if self.least > 1 else 1)
        self.dtype = images.dtype
        self.output, self.kernel, self.input = _transforms(m, self.k, str(self.dtype))
        self.u = recycle.empty((self.n**2, self.o, self.c), self.dtype)  # (n*n, O, C)
        taps = np.ascontiguousarray(weight).reshape(-1, self.k**2)  # (O*C, k*k)
        flat = self.u.reshape(self.n**2, -1)  # (n*n, O*C)
        cuts = self._cuts()

        def task(number: int) -> None:
            here = slice(*cuts[number])
            np.matmul(self.kernel, taps[here].T, out=flat[:, here])

        run(task, len(cuts))

    def forward(self, images: Array, write: Callable[[WorkTile, Array], None]) -> None:
        """Convolve; ``write(tile, y)`` gets each tile's outputs, (n, >= OH, >= OW, O)."""
        for first, last in self._chunks():
            self._forward_chunk(images, first, last, write)

    def _forward_chunk(
        self, images: Array, first: int, last: int, write: Callable[[WorkTile, Array], None]
    ) -> None:
        v, product = self._shared(first, last)
        subs = self._subs(first, last)

        def transform(number: int) -> None:
            self._transform(images, subs[number], first, v)

        def multiply(number: int) -> None:
            for frequency in range(*self.frequencies[number]):
                np.matmul(v[frequency], self.u[frequency].T, out=product[frequency])
                if frequency == self.n + 1 and self.bias is not None:
                    product[frequency] += self.bias

        def back(number: int) -> None:
            part = self._part(product, subs[number], first)
            y = scratch.take("outputs", (self.m**2, part.shape[1]), self.dtype)
            np.matmul(self.output, part, out=y)  # (m*m, t*O)
            write(subs[number], self._joined(y))

        run(transform, len(subs))
        run(multiply, len(self.frequencies))
        run(back, len(subs))

    def backward(
        self,
        images: Array,
        begin: Callable[[WorkTile], tuple[Array, list[Array]]],
        totals: list[Array],
        wants_x: bool,
    ) -> tuple[Array, Array, Array | None]:
        """Run backward; ``begin`` gives each tile's gradient (R, O), and its shares of totals.

        Returns:
            grad_weight (O, C, k, k), grad_bias (O), grad_images (N, H, W, C) if wanted.
        """
        grad_u = recycle.empty_like(self.u)
        grad_u.fill(0)
        grad_bias = np.zeros(self.o, self.dtype)
        grad_images = recycle.empty_like(images) if wants_x else None
        for first, last in self._chunks():
            v, grad_m = self._shared(first, last)
            subs = self._subs(first, last)
            self._begin_chunk(images, first, subs, begin, totals, v, grad_m)
            self._products_back(v, grad_m, grad_u, wants_x)
            grad_bias += np.sum(grad_m[self.n + 1], axis=0)
            if grad_images is not None:
                self._fold_chunk(subs, first, v, grad_images)
        return self._weight_of(grad_u), grad_bias, grad_images

    def _begin_chunk(
        self,
        images: Array,
        first: int,
        subs: list[WorkTile],
        begin: Callable[[WorkTile], tuple[Array, list[Array]]],
        totals: list[Array],
        v: Array,
        grad_m: Array,
    ) -> None:
        """Transform the images and the gradients of a chunk, into v and grad_m."""

        def transform(number: int) -> list[Array]:
            tile = subs[number]
            self._transform(images, tile, first, v)
            grad, shares = begin(tile)
            self._spread(grad, self._part(grad_m, tile, first))
            return shares

        run(transform, len(subs), totals)

    def _products_back(self, v: Array, grad_m: Array, grad_u: Array, wants_x: bool) -> None:
        """Add a chunk's share to grad_u; then put grad_v in v's place."""

        def multiply(number: int) -> None:
            for frequency in range(*self.frequencies[number]):
                here, grad = v[frequency], grad_m[frequency]
                share = scratch.take("share", (self.o, self.c), self.dtype)
                np.matmul(grad.T, here, out=share)
                grad_u[frequency] += share
                if wants_x:
                    np.matmul(grad, self.u[frequency], out=here)

        run(multiply, len(self.frequencies))

    def _fold_chunk(self, subs: list[WorkTile], first: int, v: Array, grad_images: Array) -> None:

        def back(number: int) -> None:
            self._fold(subs[number], first, v, grad_images)

        run(back, len(subs))

    def _weight_of(self, grad_u: Array) -> Array:
        """Transform back.  Shapes: grad_u (n*n, O, C) -> (O, C, k, k)."""
        flat = grad_u.reshape(self.n**2, -1)  # (n*n, O*C)
        taps = np.empty((flat.shape[1], self.k**2), self.dtype)  # (O*C, k*k)
        cuts = self._cuts()

        def task(number: int) -> None:
            here = slice(*cuts[number])
            np.matmul(flat[:, here].T, self.kernel, out=taps[here])

        run(task, len(cuts))
        return taps.reshape(self.o, self.c, self.k, self.k)

    def _cuts(self) -> list[Pair]:
        """Cut the pairs of channels, whose taps are transformed together, into tasks."""
        each = 4 * (self.n**2 + self.k**2)
        return plan.groups(0, self.o * self.c, each, plan.SHARED, self.least)

    def _chunks(self) -> list[Pair]:
        """Cut the batch into chunks whose transformed images and products fit in `SHARED`."""
        numbers = self.n**2 * self.down * self.across * (self.c + self.o)
        count = plan.pieces(self.shape[0], numbers * 4, plan.SHARED)
        return plan.even(0, self.shape[0], count)

    def _subs(self, first: int, last: int) -> list[WorkTile]:
        numbers = self.n**2 * self.down * self.across * self.c
        return [
            WorkTile(*g) for g in plan.groups(first, last, numbers * 4, plan.CACHED, self.least)
        ]

    def _shared(self, first: int, last: int) -> tuple[Array, Array]:
        """Take the chunk's transformed images and products: (n*n, T, C) and (n*n, T, O)."""
        count = (last - first) * self.down * self.across
        v = scratch.take("transformed", (self.n**2, count, self.c), self.dtype)
        return v, scratch.take("products", (self.n**2, count, self.o), self.dtype)

    def _part(self, chunk: Array, tile: WorkTile, first: int) -> Array:
        """Cut a tile's columns out of a chunk.  Shapes: (n*n, T, C) -> (n*n, t*C)."""
        per_image = self.down * self.across * chunk.shape[2]
        flat = chunk.reshape(self.n**2, -1)
        return flat[:, (tile.first - first) * per_image : (tile.last - first) * per_image]

    def _transform(self, images: Array, tile: WorkTile, first: int, v: Array) -> None:
        """Cut a tile's images into patches, and write their transform into v."""
        n, m = self.n, self.m
        source = padded(images, tile, self._reach(), 1)
        image, rows, columns, channel = source.strides
        steps: Any = (rows, columns, image, m * rows, m * columns, channel)
        shape = (n, n, len(source), self.down, self.across, self.c)
        patches = scratch.take("patches", shape, self.dtype)
        np.copyto(patches, as_strided(source, shape, steps, writeable=False))
        np.matmul(self.input, patches.reshape(n * n, -1), out=self._part(v, tile, first))

    def _reach(self) -> Window:
        """Describe all that the tiles see as one window: the padding and the overhang."""
        (top, _), (left, _) = self.window.padding
        h, w = self.shape[1:3]
        height, width = self.down * self.m + self.k - 1, self.across * self.m + self.k - 1
        border: Margins = ((top, height - top - h), (left, width - left - w))
        return Window((height, width), padding=border)

    def _joined(self, outputs: Array) -> Array:
        """Put the outputs of all tiles side by side.

        Shapes: outputs (m*m, t*O) -> (n, down*m, across*m, O), the thread's buffer "larger".
        """
        m = self.m
        apart = outputs.reshape(m, m, -1, self.down, self.across, self.o)
        shape = (apart.shape[2], self.down, m, self.across, m, self.o)
        joined = scratch.take("larger", shape, self.dtype)
        np.copyto(joined, apart.transpose(2, 3, 0, 4, 1, 5))
        return joined.reshape(shape[0], self.down * m, self.across * m, self.o)

    def _spread(self, grad: Array, grad_m: Array) -> None:
        """Transform a tile's gradient.  Shapes: grad (R, O) -> grad_m (n*n, t*O)."""
        m, (oh, ow) = self.m, self.size
        images = grad.reshape(-1, oh, ow, self.o)
        height, width = self.down * m, self.across * m
        if (height, width) != (oh, ow):
            larger = scratch.take("larger", (len(images), height, width, self.o), self.dtype)
            larger[:, oh:] = 0
            larger[:, :, ow:] = 0
            larger[:, :oh, :ow] = images
            images = larger
        grid = images.reshape(-1, self.down, m, self.across, m, self.o)
        outputs = scratch.take("outputs", (m * m, grad_m.shape[1]), self.dtype)
        apart = outputs.reshape(m, m, -1, self.down, self.across, self.o)
        np.copyto(apart, grid.transpose(2, 4, 0, 1, 3, 5))
        np.matmul(self.output.T, outputs, out=grad_m)

    def _fold(self, tile: WorkTile, first: int, v: Array, grad_images: Array) -> None:
        """Transform a tile's grad_v back into patches, and add these up in the image."""
        n, m, count = self.n, self.m, tile.last - tile.first
        row = count * self.down * self.across * self.c
        patches = scratch.take("patches", (n * n, row), self.dtype)
        np.matmul(self.input.T, self._part(v, tile, first), out=patches)
        cells = patches.reshape(n, n, count, self.down, self.across, self.c)
        more = -(-n // m)  # a patch reaches over so many steps
        shape = (count, self.down + more - 1, m, self.across + more - 1, m, self.c)
        total = scratch.take("folded", shape, self.dtype)
        total.fill(0)
        for i in range(more):
            for j in range(more):
                part = cells[i * m : i * m + m, j * m : j * m + m]  # (<= m, <= m, n, ...)
                rows, columns = part.shape[:2]
                here = total[:, i : i + self.down, :rows, j : j + self.across, :columns]
                here += part.transpose(2, 3, 0, 4, 1, 5)
        whole = total.reshape(count, shape[1] * m, shape[3] * m, self.c)
        (top, _), (left, _) = self.window.padding
        h, w = self.shape[1:3]
        grad_images[tile.first : tile.last] = whole[:, top : top + h, left : left + w]


@cache
def _transforms(m: int, k: int, dtype: str) -> tuple[Array, Array, Array]:
    """Make the two-dimensional transforms.

    Shapes: -> output (m*m, n*n), kernel (n*n, k*k), input (n*n, n*n).
    """
    from minin.algorithms import cook_toom

    output, kernel, input_ = (np.kron(a, a) for a in cook_toom(m, k).arrays(np.float64))
    return output.astype(dtype), kernel.astype(dtype), input_.astype(dtype)
