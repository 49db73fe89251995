"""Convolution by im2col and cuBLAS; and the 1x1 convolution, whose columns are the image.

    forward    y = columns @ taps^T                     (R, K) @ (K, O), R = N*OH*OW
    backward   grad_taps = grad_y^T @ columns           (O, R) @ (R, K)
               grad_columns = grad_y @ taps             (R, O) @ (O, K)
               grad_x = col2im(grad_columns), a gather: see columns.cu

The columns are not kept from forward to backward: to write them once more costs less than the
memory that all layers together would need, K/C times that of the images. Of a large batch they
are written for some images at a time (`COLUMNS` numbers), and the gradients of the weights are
added up in that order. Transposed tables are views, which cuBLAS reads as they are.

Cost: N*P*K*O multiply-accumulates each; R*K numbers written and read, twice in a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minin.backend import Array, namespace
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import geometry, taps_of, weight_of
from minin.shapes import Window

COLUMNS = 1 << 28  # numbers of columns at a time: 1 GiB in float32


class Im2col:
    """One convolution of any window, on one batch.

    Args:
        images: (N, H, W, C), dense.
        weight: (O, C, KH, KW).
        window: what slides.
        limit: how many numbers of columns there may be at a time.
    """

    def __init__(self, images: Array, weight: Array, window: Window, limit: int) -> None:
        self.xp, self.dtype, self.window = namespace(images), images.dtype, window
        n, h, w, self.c = images.shape
        self.taps = taps_of(weight)  # (O, K)
        self.o, self.k = self.taps.shape
        self.geometry = geometry(window, (h, w), self.c)
        oh, ow = window.output_size((h, w))
        self.pixels = oh * ow  # P
        self.each = max(1, min(n, limit // (self.pixels * self.k)))  # images at a time
        self.n = n

    def forward(self, images: Array) -> Array:
        """Convolve.  Shapes: images (N, H, W, C) -> (R, O)."""
        y = self.xp.empty((self.n * self.pixels, self.o), dtype=self.dtype)
        columns = self._blank()
        for first, last, rows in self._groups():
            here = columns[: rows.stop - rows.start]  # (r, K)
            self._fill(here, images[first:last])
            self.xp.matmul(here, self.taps.T, out=y[rows])  # (r, K) @ (K, O)
        return y

    def backward(self, images: Array, grad: Array, wants_x: bool) -> tuple[Array, Array | None]:
        """Run backward.

        Shapes: images (N, H, W, C), grad (R, O) -> grad_weight (O, C, KH, KW), grad_images
        (N, H, W, C) if wanted.
        """
        xp = self.xp
        grad_images = xp.empty(images.shape, dtype=self.dtype) if wants_x else None
        columns, total = self._blank(), None
        for first, last, rows in self._groups():
            here, grad_here = columns[: rows.stop - rows.start], grad[rows]
            self._fill(here, images[first:last])
            share = xp.empty((self.o, self.k), dtype=self.dtype)
            xp.matmul(grad_here.T, here, out=share)  # (O, r) @ (r, K)
            if total is None:
                total = share
            else:
                total += share
            if grad_images is not None:
                xp.matmul(grad_here, self.taps, out=here)  # (r, O) @ (O, K)
                part = grad_images[first:last]
                launch("col2im", part.size, here, part, part.size, *self.geometry, like=part)
        return weight_of(total, self.c, self.window.kernel), grad_images

    def _blank(self) -> Array:
        return self.xp.empty((self.each * self.pixels, self.k), dtype=self.dtype)

    def _groups(self) -> Iterator[tuple[int, int, slice]]:
        """Cut the batch: first image, the one beyond the last, their rows of all tables."""
        for first in range(0, self.n, self.each):
            last = min(first + self.each, self.n)
            yield first, last, slice(first * self.pixels, last * self.pixels)

    def _fill(self, columns: Array, images: Array) -> None:
        count = len(columns) * self.c
        launch("im2col", count, images, columns, count, *self.geometry, like=columns)


class Pointwise:
    """The 1x1 convolution; see `Im2col` for the arguments."""

    def __init__(self, images: Array, weight: Array, *_: Any) -> None:
        self.xp = namespace(images)
        self.taps = taps_of(weight)  # (O, C)

    def forward(self, images: Array) -> Array:
        """Convolve.  Shapes: images (N, H, W, C) -> (R, O)."""
        return product(self._table(images), self.taps.T)  # (R, C) @ (C, O)

    def backward(self, images: Array, grad: Array, wants_x: bool) -> tuple[Array, Array | None]:
        """Run backward; see `Im2col.backward`."""
        grad_taps = product(grad.T, self._table(images))  # (O, R) @ (R, C)
        grad_images = product(grad, self.taps) if wants_x else None  # (R, O) @ (O, C)
        if grad_images is not None:
            grad_images = self.xp.reshape(grad_images, images.shape)
        return self.xp.reshape(grad_taps, (*grad_taps.shape, 1, 1)), grad_images

    def _table(self, images: Array) -> Array:
        return self.xp.reshape(images, (-1, images.shape[3]))


def product(a: Array, b: Array) -> Array:
    """Multiply two tables into a fresh one.  Shapes: a (M, K), b (K, L) -> (M, L)."""
    xp = namespace(a)
    return xp.matmul(a, b, out=xp.empty((a.shape[0], b.shape[1]), dtype=a.dtype))
