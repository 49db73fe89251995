"""Tiles cover the output once, see what they need, and keep to their budget."""

from __future__ import annotations

import functools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.algorithms import Layer, conv2d_tiled
from minin.algorithms.tiled import cost
from minin.algorithms.tiles import CACHE_BYTES, Tile, at_most, kinds, tile_size, tiles
from minin.errors import MemoryBudgetError
from tests.algorithms import laws
from tests.algorithms.layers import COVERED, Drawn

drawn_layers = COVERED["tiled-im2col"]
extras = st.integers(0, 3000)


def layer_of(drawn: Drawn) -> Layer:
    return Layer.of_shapes(drawn.x_shape, drawn.weight_shape, **drawn.how, dtype="float64")


@given(drawn=drawn_layers, extra=extras)
def test_small_tiles_obey_the_laws(drawn: Drawn, extra: int) -> None:
    budget = cost(layer_of(drawn), budget_bytes=1).peak_bytes + extra
    laws.obeys_all(functools.partial(conv2d_tiled, budget_bytes=budget), drawn)


@given(drawn=drawn_layers, extra=extras)
def test_tiles_cover_every_output_once(drawn: Drawn, extra: int) -> None:
    layer = layer_of(drawn)
    seen = np.zeros(layer.y_shape, dtype=int)
    for tile in tiles(layer, layer.itemsize * layer.y_size + extra):
        part = seen[tile.images, :, tile.rows, :]
        assert part.shape == tile.y_shape
        part += 1
        assert tile.window.output_size(tile.x_shape[2:]) == tile.y_shape[2:]
        assert np.zeros(drawn.x_shape)[tile.images, :, tile.source, :].shape == tile.x_shape
        assert tile.numbers <= at_most(layer, tile.y_shape[0], tile.y_shape[2])
    assert np.all(seen == 1)


@given(drawn=drawn_layers, extra=extras)
def test_kinds_are_the_tiles_counted(drawn: Drawn, extra: int) -> None:
    layer = layer_of(drawn)
    budget = layer.itemsize * layer.y_size + extra

    def alike(tile: Tile) -> tuple[object, ...]:
        return tile.rows.start, tile.window, tile.x_shape, tile.y_shape

    counted = Counter(alike(tile) for tile in tiles(layer, budget))
    assert {alike(tile): count for count, tile in kinds(layer, budget)} == counted


def test_tiles_shrink_with_the_budget() -> None:
    layer = Layer.of_shapes((64, 96, 16, 16), (192, 96, 5, 5), padding=2)
    output = layer.itemsize * layer.y_size
    sizes = [tile_size(layer, output + room) for room in (2**30, 2**21, 2**20, 2**18, 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == (1, 16)
    assert sizes[-1] == (1, 1)
    assert max(tile.numbers for tile in tiles(layer, 2**30)) * layer.itemsize <= CACHE_BYTES


def test_small_images_go_together() -> None:
    layer = Layer.of_shapes((999, 8, 8, 8), (8, 8, 3, 3), padding=1)
    images, rows = tile_size(layer, 2**30)
    assert rows == 8
    assert 1 < images < 999


@given(drawn=drawn_layers)
def test_where_not_even_a_row_fits_it_says_so(drawn: Drawn) -> None:
    least = cost(layer_of(drawn), budget_bytes=1).peak_bytes
    x, weight, _ = drawn.numbers()
    conv2d_tiled(x, weight, **drawn.how, budget_bytes=least)
    with pytest.raises(MemoryBudgetError, match=r"a tile of one row, .*take a smaller batch"):
        conv2d_tiled(x, weight, **drawn.how, budget_bytes=least - 1)
