"""im2col of one tile: what every window sees, also where a tile sees nothing but border."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.fast.cpu.columns import add_columns, columns, padded
from minin.fast.cpu.layout import WorkTile, channels_last
from minin.shapes import Window
from tests import oracles
from tests.fast.cpu.helpers import Array, dirty_scratch
from tests.fast.cpu.layers import Drawn, convolutions


def framed(drawn: Drawn) -> Array:
    """All images with their border of zeros, channels last."""
    return np.pad(channels_last(drawn.x), ((0, 0), *drawn.window.padding, (0, 0)))


@st.composite
def tiles(draw: st.DrawFn) -> tuple[Drawn, WorkTile, int]:
    """A convolution and one of its tiles: some whole images, or a band of one."""
    drawn = draw(convolutions())
    first = draw(st.integers(0, len(drawn.x) - 1))
    rows = drawn.size[0]
    if draw(st.booleans()):
        return drawn, WorkTile(first, draw(st.integers(first + 1, len(drawn.x)))), rows
    top = draw(st.integers(0, rows - 1))
    bottom = draw(st.integers(top + 1, rows))
    return drawn, WorkTile(first, first + 1, top, bottom), bottom - top


@given(found=tiles())
def test_padded_is_what_the_windows_of_a_tile_see(found: tuple[Drawn, WorkTile, int]) -> None:
    drawn, tile, rows = found
    dirty_scratch()
    got = padded(channels_last(drawn.x), tile, drawn.window, rows)
    start = tile.top * drawn.window.stride[0]
    height = (rows - 1) * drawn.window.stride[0] + drawn.window.extent[0]
    wanted = framed(drawn)[tile.first : tile.last, start : start + height]
    np.testing.assert_array_equal(got, wanted, strict=True)


def test_without_a_border_nothing_is_copied() -> None:
    images = np.ones((3, 8, 8, 2))
    assert np.shares_memory(padded(images, WorkTile(1, 2, 3, 5), Window((3, 3)), 2), images)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("top", range(12))
def test_a_band_may_lie_wholly_in_the_border(top: int, rows: int) -> None:
    window = Window((1, 1), padding=((5, 5), (0, 1)))
    images = np.ones((1, 4, 2, 1))
    got = padded(images, WorkTile(0, 1, top, top + rows), window, rows)
    seen = [1.0 if 5 <= row < 9 else 0.0 for row in range(top, top + rows)]
    assert got.tolist() == [[[[value], [value], [0.0]] for value in seen]]


@given(found=tiles())
def test_columns_equal_the_loops(found: tuple[Drawn, WorkTile, int]) -> None:
    """Row by row what a window sees: [kernel row][kernel column][channel], and then a 1."""
    drawn, tile, rows = found
    dirty_scratch()
    window, (_, ow) = drawn.window, drawn.size
    got = columns(channels_last(drawn.x), tile, window, (rows, ow))
    loops = oracles.im2col(drawn.x, window.kernel, window.stride, window.padding, window.dilation)
    n, c, cells = len(drawn.x), drawn.x.shape[1], window.kernel[0] * window.kernel[1]
    apart = loops.reshape(n, c, cells, *drawn.size).transpose(0, 3, 4, 2, 1)
    wanted = tile.of(apart.reshape(n, *drawn.size, -1)).reshape(len(got), -1)
    np.testing.assert_array_equal(got[:, :-1], wanted, strict=True)
    assert np.all(got[:, -1] == 1)


@given(found=tiles())
def test_add_columns_is_the_adjoint_of_columns(found: tuple[Drawn, WorkTile, int]) -> None:
    """<columns(x), t> = <x, add_columns(t)>, for numbers in the border as well."""
    drawn, tile, rows = found
    window, (_, ow) = drawn.window, drawn.size
    got = columns(channels_last(drawn.x), tile, window, (rows, ow))[:, :-1].copy()
    rng = np.random.default_rng(drawn.seed)
    table = rng.standard_normal((len(got), got.shape[1] + 1))
    images = framed(drawn)[tile.first : tile.last]
    before = rng.standard_normal(images.shape)
    total = before.copy()
    add_columns(table, total, tile, window, rows, ow)
    left, right = np.sum(got * table[:, :-1]), np.sum(images * (total - before))
    scale = 1 + float(np.sum(np.abs(got * table[:, :-1])))
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-13 * scale)
