"""Convolution by im2col, tile by tile; and the 1x1 convolution, whose columns are the image.

Both have the two methods of `minin.fast.cpu.winograd.Winograd`, so that a chain of layers
(chain.py) can begin with any of the three.

    forward    y = [columns | 1] @ [taps; bias]
    backward   [grad_taps; grad_bias] = [columns | 1]^T @ grad_y        summed tile after tile
               grad_columns = grad_y @ taps^T, added to the pixels they came from

Cost: N*P*K*O multiply-accumulates each, and N*P*K numbers copied, twice in a training step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minin.backend import Array
from minin.fast.cpu import plan, recycle, scratch
from minin.fast.cpu.columns import add_columns, columns
from minin.fast.cpu.layout import WorkTile, taps_of, weight_of, with_bias
from minin.fast.cpu.workers import run
from minin.shapes import Pair, Window

Write = Callable[[WorkTile, Array], None]
Begin = Callable[[WorkTile], tuple[Array, list[Array]]]


class Im2col:
    """One convolution of any window; see `Winograd` for the arguments."""

    def __init__(
        self, images: Array, weight: Array, bias: Array | None, window: Window, size: Pair
    ) -> None:
        self.shape, self.window, self.size = images.shape, window, size
        self.o = weight.shape[0]
        self.taps = with_bias(taps_of(weight), bias)  # (K+1, O)
        row = size[1] * (len(self.taps) + self.o) * images.dtype.itemsize
        least = plan.least_tasks(len(images) * size[0] * size[1] * self.taps.size)
        self.tasks = list(plan.tiles(len(images), size[0], row, least))

    def forward(self, images: Array, write: Write) -> None:
        """Convolve; ``write`` gets the outputs of each tile, (n, rows, OW, O)."""
        tiles = [tile for task in self.tasks for tile in task]

        def task(number: int) -> None:
            tile = tiles[number]
            table, rows = self._columns(images, tile)
            y = scratch.take("outputs", (len(table), self.o), table.dtype)
            np.matmul(table, self.taps, out=y)  # (R, K+1) @ (K+1, O)
            write(tile, y.reshape(tile.last - tile.first, rows, self.size[1], self.o))

        run(task, len(tiles))

    def backward(
        self, images: Array, begin: Begin, totals: list[Array], wants_x: bool
    ) -> tuple[Array, Array, Array | None]:
        """Run backward; see `Winograd.backward`."""
        grad_taps = np.zeros(self.taps.shape, self.taps.dtype)
        grad_images = recycle.empty_like(images) if wants_x else None

        def task(number: int) -> list[Array]:
            tiles = self.tasks[number]
            total = self._blank(tiles[0]) if wants_x else None
            sums: list[Array] = []
            for tile in tiles:
                grad, shares = begin(tile)  # (R, O)
                table, rows = self._columns(images, tile)
                shares = [table.T @ grad, *shares]  # (K+1, R) @ (R, O)
                sums = [a + b for a, b in zip(sums, shares, strict=True)] if sums else shares
                if total is not None:
                    np.matmul(grad, self.taps[:-1].T, out=table[:, :-1])  # (R, O) @ (O, K)
                    add_columns(table, total, tile, self.window, rows, self.size[1])
            if total is not None and grad_images is not None:
                (top, _), (left, _) = self.window.padding
                h, w = self.shape[1:3]
                inner = total[:, top : top + h, left : left + w]
                grad_images[tiles[0].first : tiles[0].last] = inner
            return sums

        run(task, len(self.tasks), [grad_taps, *totals])
        return weight_of(grad_taps[:-1], self.window.kernel), grad_taps[-1], grad_images

    def _columns(self, images: Array, tile: WorkTile) -> tuple[Array, int]:
        bottom = self.size[0] if tile.bottom is None else tile.bottom
        rows = bottom - tile.top
        return columns(images, tile, self.window, (rows, self.size[1])), rows

    def _blank(self, tile: WorkTile) -> Array:
        """Take a padded image of zeros for the tile's images."""
        _, h, w, c = self.shape
        (top, bottom), (left, right) = self.window.padding
        shape = (tile.last - tile.first, h + top + bottom, w + left + right, c)
        total = scratch.take("total", shape, self.taps.dtype)
        total.fill(0)
        return total


class Pointwise:
    """The 1x1 convolution; see `Winograd` for the arguments."""

    def __init__(self, images: Array, weight: Array, bias: Array | None) -> None:
        self.bias = bias
        self.taps = taps_of(weight)  # (C, O)
        row = images.shape[2] * sum(self.taps.shape) * images.dtype.itemsize
        least = plan.least_tasks(images[..., 0].size * self.taps.size)
        self.tasks = list(plan.tiles(len(images), images.shape[1], row, least))

    def forward(self, images: Array, write: Write) -> None:
        """Convolve; ``write`` gets the outputs of each tile, (n, rows, W, O)."""
        tiles = [tile for task in self.tasks for tile in task]

        def task(number: int) -> None:
            tile = tiles[number]
            here = tile.of(images)  # (n, rows, W, C)
            rows = tile.rows(images)  # (R, C)
            y = scratch.take("outputs", (len(rows), self.taps.shape[1]), rows.dtype)
            np.matmul(rows, self.taps, out=y)
            if self.bias is not None:
                y += self.bias
            write(tile, y.reshape(*here.shape[:3], -1))

        run(task, len(tiles))

    def backward(
        self, images: Array, begin: Begin, totals: list[Array], wants_x: bool
    ) -> tuple[Array, Array, Array | None]:
        """Run backward; see `Winograd.backward`."""
        grad_taps = np.zeros(self.taps.shape, self.taps.dtype)
        grad_bias = np.zeros(self.taps.shape[1], self.taps.dtype)
        grad_images = recycle.empty_like(images) if wants_x else None
        tiles = [tile for task in self.tasks for tile in task]

        def task(number: int) -> list[Array]:
            tile = tiles[number]
            grad, shares = begin(tile)  # (R, O)
            if grad_images is not None:
                np.matmul(grad, self.taps.T, out=tile.rows(grad_images))
            return [tile.rows(images).T @ grad, np.sum(grad, axis=0), *shares]

        run(task, len(tiles), [grad_taps, grad_bias, *totals])
        return weight_of(grad_taps, (1, 1)), grad_bias, grad_images
