"""How a convolution is cut into tiles, and which algorithm it takes: by its shapes alone.

Nothing here looks at the machine, so the same layer is computed in the same way everywhere and
with any number of workers, and gives the same bits.

**The cost model.** Costs are counted in multiply-accumulates of a large matrix product. A number
that is moved (read, written, added outside of a product) costs `MOVED` of them: a core that does
30 to 60 thousand million a second moves 3 to 5 thousand million numbers. For N images, P = OH*OW
outputs, K = KH*KW*C:

    im2col    N*P*K*O                                  the product
              + MOVED * N*P*(K + O)                    columns written, output written
    Winograd  T * (n^4*C + n^2*C*O + n^2*m^2*O)        the three products of T tiles
              + MOVED * T * (3*n^2*C + 2*n^2*O)        patches, transformed input and output
              + MOVED * 3 * n^2*C*O                    transformed weights, made at every call
              + CALL * n^2                             so many products instead of one

with n = m + k - 1 and T = N * ceil(OH/m) * ceil(OW/m). Winograd multiplies less and moves more;
it loses where there are few channels (the first layer), few tiles, or much waste at the edge.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from minin.fast.cpu.layout import WorkTile
from minin.shapes import Pair, Window

MOVED = 12  # multiply-accumulates in the time of one moved number
CALL = 250_000  # multiply-accumulates in the time that one more product takes to begin
CACHED = 2 << 20  # bytes of a tile: small against the caches, large against the cost of a call
TASKS = 8  # a task for each worker, and not too uneven a share, if there is work for so many
WORTH = 8_000_000  # multiply-accumulates below which a second worker costs more than it does
ALONE = 3 << 19  # bytes below which a task is not worth its calls: they wait for Python in turn
SHARED = 24 << 20  # bytes of transformed images that all workers share
OUTPUTS = {3: (4,), 5: (4,), 7: (2,)}  # kernel: numbers of outputs m of a Winograd tile


def least_tasks(work: int) -> int:
    """Return how many tasks there should be at least for so many multiply-accumulates."""
    return 1 if work < WORTH else 2


def tiles(images: int, rows: int, bytes_per_row: int, least: int = 2) -> Iterator[list[WorkTile]]:
    """Cut images into tiles of at most about `CACHED` bytes; yield those of each task.

    A task has one tile of some whole images; or, where one image is too much, the bands of
    one image from top to bottom.
    """
    fitting = max(CACHED // max(bytes_per_row, 1), 1)  # rows of output
    if fitting < rows:
        for image in range(images):
            tops = range(0, rows, fitting)
            yield [WorkTile(image, image + 1, top, min(top + fitting, rows)) for top in tops]
        return
    for first, last in groups(0, images, rows * bytes_per_row, CACHED, least):
        yield [WorkTile(first, last)]


def groups(first: int, last: int, bytes_each: int, limit: int, least: int = 2) -> list[Pair]:
    """Cut a range, of images mostly, into groups of almost equal size for the workers.

    Args:
        first: of the range.
        last: beyond its end.
        bytes_each: bytes that one of them takes.
        limit: bytes of a group, at most.
        least: groups that are made of few bytes too, if there are so many of them: as
            `least_tasks` says for products, whose time is not in their bytes; 1 for what only
            moves numbers.
    """
    number = last - first
    shares = min(TASKS, max(least, number * bytes_each // ALONE))
    count = max(pieces(number, bytes_each, limit), min(shares, number))
    if count > 1:
        count = min(count + count % 2, number)  # two workers do 4 tasks as fast as 3
    return even(first, last, count)


def pieces(number: int, bytes_each: int, limit: int) -> int:
    """Count the pieces of at most ``limit`` bytes that a number of things makes."""
    return -(-number // max(limit // max(bytes_each, 1), 1))


def even(first: int, last: int, count: int) -> list[Pair]:
    """Cut a range into ``count`` parts that differ by one at most.

    Example:
        >>> even(0, 7, 3)
        [(0, 2), (2, 4), (4, 7)]
    """
    return list(itertools.pairwise(first + (last - first) * i // count for i in range(count + 1)))


def winograd_outputs(images: int, channels: int, maps: int, size: Pair, window: Window) -> int:
    """Choose m of the Winograd convolution F(m x m, k x k), or 0 for im2col.

    Args:
        images: N.
        channels: C.
        maps: O.
        size: (OH, OW) of the output.
        window: the convolution's.

    Example:
        >>> window = Window.of(5, padding=2)
        >>> winograd_outputs(64, 96, 192, (16, 16), window)
        4
        >>> winograd_outputs(64, 3, 192, (32, 32), window)
        0
    """
    k = window.kernel[0]
    if window.kernel != (k, k) or window.stride != (1, 1) or window.dilation != (1, 1):
        return 0
    costs = {0: im2col_cost(images, channels, maps, size, k)}
    for m in OUTPUTS.get(k, ()):
        if _bytes_per_image(m + k - 1, m, channels, maps, size) <= SHARED:
            costs[m] = winograd_cost(images, channels, maps, size, k, m)
    return min(costs, key=lambda m: costs[m])


def im2col_cost(images: int, channels: int, maps: int, size: Pair, k: int) -> float:
    """Count the cost of a convolution by im2col, in multiply-accumulates."""
    rows, taps = images * size[0] * size[1], k * k * channels
    return rows * taps * maps + MOVED * rows * (taps + maps)


def winograd_cost(images: int, channels: int, maps: int, size: Pair, k: int, m: int) -> float:
    """Count the cost of a Winograd convolution, in multiply-accumulates."""
    n = m + k - 1
    count = images * -(-size[0] // m) * -(-size[1] // m)
    products = count * (n**4 * channels + n**2 * channels * maps + n**2 * m**2 * maps)
    moved = count * (3 * n**2 * channels + 2 * n**2 * maps) + 3 * n**2 * channels * maps
    return products + MOVED * moved + CALL * n**2


def _bytes_per_image(n: int, m: int, channels: int, maps: int, size: Pair) -> int:
    return 4 * n**2 * (channels + maps) * -(-size[0] // m) * -(-size[1] // m)
