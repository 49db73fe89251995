"""Wrong convolutions, each by one plausible slip: the laws must reject them all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import Phase, given, settings

from minin.algorithms import Layer, conv2d_im2col, conv2d_winograd, cook_toom, winograd
from minin.algorithms.layer import read
from minin.algorithms.tiles import Tile, tile_of
from minin.ops.conv import im2col_of
from tests.algorithms import laws
from tests.algorithms.layers import COVERED, Drawn
from tests.choice import examples, mostly_thorough

Array: TypeAlias = npt.NDArray[Any]
Cut: TypeAlias = Callable[[Layer], list[Tile]]


def in_tiles(cut: Cut, bias_of: Callable[[int, Array], Array] = lambda _, bias: bias) -> Any:
    """im2col on tiles that somebody else has cut."""

    def conv(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
        layer = read("planted", x, weight, bias, how["stride"], how["padding"], how["dilation"])
        y = np.zeros(layer.y_shape, x.dtype)
        for place, tile in enumerate(cut(layer)):
            columns = im2col_of(x[tile.images, :, tile.source, :], tile.window)
            product = np.matmul(weight.reshape(len(weight), -1), columns)
            if bias is not None:
                product += bias_of(place, bias)[:, None]
            y[tile.images, :, tile.rows, :] = product.reshape(tile.y_shape)
        return y

    return conv


def rows_of(layer: Layer, count: int = 2) -> list[slice]:
    oh = layer.output_size[0]
    return [slice(row, min(row + count, oh)) for row in range(0, oh, count)]


def whole_batch(layer: Layer) -> slice:
    return slice(0, layer.x_shape[0])


def right(layer: Layer) -> list[Tile]:
    return [tile_of(layer, whole_batch(layer), rows) for rows in rows_of(layer)]


def missing_last_tile(layer: Layer) -> list[Tile]:
    return right(layer)[:-1]


def missing_rest_of_rows(layer: Layer) -> list[Tile]:
    """Only full tiles, as a loop over OH // 2 gives them."""
    return [tile for tile in right(layer) if tile.y_shape[2] == 2]


def missing_last_image(layer: Layer) -> list[Tile]:
    images = slice(0, max(layer.x_shape[0] - 1, 1))
    return [tile_of(layer, images, rows) for rows in rows_of(layer)]


def off_by_one(layer: Layer) -> list[Tile]:
    """Every tile but the first is computed from a row too far up."""
    moved = []
    for tile in right(layer):
        start = max(tile.rows.start - 1, 0)
        wrong = tile_of(
            layer, whole_batch(layer), slice(start, start + tile.rows.stop - tile.rows.start)
        )
        moved.append(
            Tile(
                tile.images,
                tile.rows,
                *(vars(wrong)[key] for key in ("source", "window", "x_shape", "y_shape")),
            )
        )
    return moved


def of_arguments(change: Callable[..., tuple[Any, ...]]) -> Any:
    """im2col on arguments that were changed on the way."""

    def conv(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
        *arrays, how = change(x, weight, bias, dict(how))
        y: Array = conv2d_im2col(*arrays, **how)
        return y

    return conv


def with_how(**of: Callable[[Any], Any]) -> Any:
    return of_arguments(
        lambda x, weight, bias, how: (
            x,
            weight,
            bias,
            how | {key: change(how[key]) for key, change in of.items()},
        )
    )


def swapped(value: Any) -> Any:
    return value[::-1] if isinstance(value, tuple) else value


def writes_into_x(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    y: Array = conv2d_im2col(x, weight, bias, **how)
    if x.flags.writeable:
        x *= 0
    return y


def always_float64(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    arrays = [None if a is None else a.astype("float64") for a in (x, weight, bias)]
    y: Array = conv2d_im2col(*arrays, **how)
    return y


def always_float32(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    arrays = [None if a is None else a.astype("float32") for a in (x, weight, bias)]
    y: Array = conv2d_im2col(*arrays, **how).astype(x.dtype)
    return y


def with_relu(x: Array, weight: Array, bias: Array | None = None, **how: Any) -> Array:
    y: Array = np.maximum(conv2d_im2col(x, weight, bias, **how), 0)
    return y


WRONG: dict[str, Any] = {
    "kernel flipped": of_arguments(lambda x, w, b, how: (x, w[:, :, ::-1, ::-1], b, how)),
    "kernel columns flipped": of_arguments(lambda x, w, b, how: (x, w[..., ::-1], b, how)),
    "channels reversed": of_arguments(lambda x, w, b, how: (x, w[:, ::-1], b, how)),
    "images of a batch mixed up": of_arguments(lambda x, w, b, how: (x[::-1], w, b, how)),
    "bias forgotten": of_arguments(lambda x, w, _, how: (x, w, None, how)),
    "bias twice": of_arguments(lambda x, w, b, how: (x, w, None if b is None else 2 * b, how)),
    "padding forgotten": with_how(padding=lambda _: 0),
    "padding: rows for columns": with_how(padding=swapped),
    "stride: rows for columns": with_how(stride=swapped),
    "dilation: rows for columns": with_how(dilation=swapped),
    "dilation forgotten": with_how(dilation=lambda _: 1),
    "writes into x": writes_into_x,
    "always float64": always_float64,
    "float32 on the way": always_float32,
    "a ReLU too many": with_relu,
    "the last tile missing": in_tiles(missing_last_tile),
    "the last, smaller tile missing": in_tiles(missing_rest_of_rows),
    "the last image missing": in_tiles(missing_last_image),
    "tiles off by one row": in_tiles(off_by_one),
    "bias in the first tile only": in_tiles(right, lambda place, b: b if place == 0 else 0 * b),
}


def judge(conv: Any, name: str = "im2col", kind: str = "sum", count: int = 60) -> None:
    """Let hypothesis try the laws on drawn layers; raises as soon as one fails."""

    @settings(max_examples=count, phases=[Phase.generate], report_multiple_bugs=False)
    @given(drawn=COVERED[name])
    def tried(drawn: Drawn) -> None:
        try:
            laws.obeys_all(conv, drawn, kind)
        except ValueError as error:  # a wrong shape that NumPy or minin refuses: found as well
            raise AssertionError(str(error)) from error

    tried()


def test_the_right_one_passes() -> None:
    judge(conv2d_im2col, count=examples(60))
    judge(in_tiles(right), count=examples(60))


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_one_is_rejected(slip: str) -> None:
    with pytest.raises(AssertionError):
        judge(WRONG[slip])


@pytest.mark.parametrize(
    "change", mostly_thorough(["kernel", "input", "output"], lambda change: change == "kernel")
)
def test_winograd_with_a_wrong_matrix_is_rejected(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(m: int, r: int) -> Any:
        made = cook_toom(m, r)
        rows = getattr(made, change)
        replaced: dict[str, Any] = {change: (tuple(-n for n in rows[0]), *rows[1:])}
        return dataclasses.replace(made, **replaced)

    judge(conv2d_winograd, "winograd", "winograd", examples(60))
    monkeypatch.setattr(winograd, "cook_toom", wrong)
    with pytest.raises(AssertionError):
        judge(conv2d_winograd, "winograd", "winograd")


def test_winograd_with_the_overhang_on_the_wrong_side_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last tiles overhang below and to the right; zeros above and to the left move all."""
    right_one = winograd.grid_of

    def wrong(layer: Layer, m: int | None = None) -> winograd.TileGrid:
        grid = right_one(layer, m)
        rows, columns = grid.border
        return dataclasses.replace(grid, border=(rows[::-1], columns[::-1]))

    monkeypatch.setattr(winograd, "grid_of", wrong)
    with pytest.raises(AssertionError):
        judge(conv2d_winograd, "winograd", "winograd")
