"""Cutting a layer's output into tiles: a few images, or a few rows of one image, at a time.

Rows i0 ... i1 - 1 of the output look at rows i0*SH - top ... (i1 - 1)*SH - top + extent - 1 of
the image, the extent being DH*(KH - 1) + 1. What lies above or below the image is the tile's own
border. So a tile is a small convolution by itself: a slice of the images, and a window with
another padding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from minin.algorithms.im2col import Copies, copies
from minin.algorithms.layer import Four, Layer
from minin.shapes import Pair, Window

CACHE_BYTES = 2**22  # 4 MiB: about what the second cache of a core, or a share of the third, holds


@dataclass(frozen=True)
class Tile:
    """One part of the output, and what it is computed from.

    Attributes:
        images: which images.
        rows: which rows of the output.
        source: which rows of the image they look at.
        window: the layer's, with the border that is left of its padding.
        x_shape: of the images' part.
        y_shape: of the output's part.
    """

    images: slice
    rows: slice
    source: slice
    window: Window
    x_shape: Four
    y_shape: Four

    @property
    def copies(self) -> Copies:
        """What im2col copies for this tile."""
        return copies(self.x_shape, self.window)

    @property
    def numbers(self) -> int:
        """The numbers in memory while the tile is computed: columns, and frame or product."""
        n, o, rows, ow = self.y_shape
        return self.copies.columns + max(self.copies.frame, n * o * rows * ow)


def tile_of(layer: Layer, images: slice, rows: slice) -> Tile:
    """Find what some rows of some images' output are computed from.

    Example:
        >>> layer = Layer.of_shapes((8, 3, 32, 32), (6, 3, 5, 5), padding=2)
        >>> first = tile_of(layer, slice(0, 1), slice(0, 10))
        >>> first.source, first.window.padding, first.y_shape
        (slice(0, 12, None), ((2, 0), (2, 2)), (1, 6, 10, 32))
    """
    (top, _), sides = layer.window.padding
    (_, c, h, w), stride = layer.x_shape, layer.window.stride[0]
    first = rows.start * stride - top  # the first row it looks at; -1 is in the border
    wanted = (rows.stop - rows.start - 1) * stride + layer.window.extent[0]
    source = slice(*(min(max(row, 0), h) for row in (first, first + wanted)))
    height = source.stop - source.start
    above = min(max(-first, 0), wanted - height)
    window = dataclasses.replace(layer.window, padding=((above, wanted - height - above), sides))
    count = images.stop - images.start
    return Tile(
        images,
        rows,
        source,
        window,
        x_shape=(count, c, height, w),
        y_shape=(count, layer.weight_shape[0], rows.stop - rows.start, layer.output_size[1]),
    )


def tiles(layer: Layer, budget_bytes: int) -> Iterator[Tile]:
    """Cut the output into tiles, from the first image's first row to the last one's last.

    A tile takes at most `CACHE_BYTES`, or what of the budget the output leaves, if that is
    less; but one row of one image at least.
    """
    images, rows = tile_size(layer, budget_bytes)
    n, (oh, _) = layer.x_shape[0], layer.output_size
    for some in _parts(n, images):
        for lines in _parts(oh, rows):
            yield tile_of(layer, some, lines)


def kinds(layer: Layer, budget_bytes: int) -> Iterator[tuple[int, Tile]]:
    """Count the tiles that differ only in their images: what costs need, for large batches too.

    Example:
        >>> layer = Layer.of_shapes((1000, 8, 8, 8), (8, 8, 3, 3), padding=1)
        >>> [(count, tile.y_shape) for count, tile in kinds(layer, 2**30)]
        [(5, (193, 8, 8, 8)), (1, (35, 8, 8, 8))]
    """
    images, rows = tile_size(layer, budget_bytes)
    full, rest = divmod(layer.x_shape[0], images)
    for count, some in ((full, images), (1, rest)):
        if some:
            for lines in _parts(layer.output_size[0], rows):
                yield count, tile_of(layer, slice(0, some), lines)


def _parts(length: int, step: int) -> Iterator[slice]:
    """Cut 0 ... length - 1 into slices; the last may be shorter."""
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))


def tile_size(layer: Layer, budget_bytes: int) -> Pair:
    """Choose (images, rows): as many whole images as fit, else as many rows of one.

    Example:
        >>> layer = Layer.of_shapes((64, 96, 16, 16), (192, 96, 5, 5), padding=2)
        >>> tile_size(layer, 2**30), tile_size(layer, layer.y_size * 4 + 2**20)
        ((1, 16), (1, 6))
    """
    n, (oh, _) = layer.x_shape[0], layer.output_size
    left = budget_bytes - layer.itemsize * layer.y_size
    room = min(left, CACHE_BYTES) // layer.itemsize
    images = room // at_most(layer, 1, oh)
    if images >= 1:
        return min(images, n), oh
    fitting = (rows for rows in range(oh - 1, 1, -1) if at_most(layer, 1, rows) <= room)
    return 1, next(fitting, 1)


def at_most(layer: Layer, images: int, rows: int) -> int:
    """Bound the numbers in memory for a tile of this size, wherever it lies.

    Each of its columns has K numbers, and its frame is as if the whole border were its own.
    """
    (_, c, _, w), ow = layer.x_shape, layer.output_size[1]
    height = (rows - 1) * layer.window.stride[0] + layer.window.extent[0]
    frame = c * height * (w + sum(layer.window.padding[1]))
    return images * (layer.k * rows * ow + max(frame, layer.weight_shape[0] * rows * ow))
