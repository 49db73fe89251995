"""Winograd by itself: the book's convolution with fewer products, and how many digits it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minin.fast.cpu import plan
from minin.fast.cpu.layout import channels_last
from minin.fast.cpu.winograd import Winograd
from minin.models.networks import TABLES
from minin.shapes import Window
from tests import oracles
from tests.choice import examples
from tests.fast.cpu.helpers import Array, assert_near, dirty_scratch, error_of, limits, workers
from tests.fast.cpu.layers import (
    Drawn,
    Shape,
    check_against_the_book,
    check_the_adjoint_law,
    network_layers,
    ran,
    square,
)

CHOSEN = [(k, m) for k, all_m in plan.OUTPUTS.items() for m in all_m]
POSSIBLE = sorted({*CHOSEN, (3, 1), (3, 2), (3, 6), (5, 2), (5, 3), (7, 2)})  # n is at most 8

every_tile = pytest.mark.parametrize(("k", "m"), POSSIBLE)
every_chosen_tile = pytest.mark.parametrize(("k", "m"), CHOSEN)
caches = st.sampled_from([1, 2000, plan.CACHED])  # one image a tile, a few, all
shares = st.sampled_from([1, 30_000, plan.SHARED])  # one image a chunk, a few, all
counts = st.sampled_from([1, 3])


def made(drawn: Drawn, m: int, dtype: str = "float64") -> Winograd:
    images, weight = channels_last(drawn.x.astype(dtype)), drawn.weight.astype(dtype)
    bias = None if drawn.bias is None else drawn.bias.astype(dtype)
    return Winograd(images, weight, bias, drawn.window, drawn.size, m)


def test_every_kernel_has_tiles() -> None:
    assert {k for k, _ in CHOSEN} == {3, 5, 7}
    assert all(m + k - 1 <= 8 for k, m in CHOSEN), "beyond 8 float32 loses too many digits"


@every_tile
@settings(max_examples=examples(25))
@given(data=st.data(), cached=caches, shared=shares, count=counts)
def test_output_and_gradients_are_the_books(
    k: int, m: int, data: st.DataObject, cached: int, shared: int, count: int
) -> None:
    drawn = data.draw(square(k))
    dirty_scratch()
    with limits(CACHED=cached, SHARED=shared, ALONE=64), workers(count):
        found = ran(made(drawn, m), drawn)
    check_against_the_book(found, drawn, 1e-11)
    check_the_adjoint_law(found, drawn, 1e-12)


@every_chosen_tile
@settings(max_examples=examples(8))
@given(data=st.data(), cached=caches, shared=shares)
def test_the_output_equals_the_loops(
    k: int, m: int, data: st.DataObject, cached: int, shared: int
) -> None:
    drawn = data.draw(square(k))
    with limits(CACHED=cached, SHARED=shared):
        found = ran(made(drawn, m), drawn)
    wanted = oracles.conv2d(drawn.x, drawn.weight, drawn.bias, 1, drawn.window.padding)
    assert_near(found.y, wanted, 1e-11)


@every_chosen_tile
@given(data=st.data(), shared=shares)
def test_the_images_gradient_is_left_out_if_nobody_wants_it(
    k: int, m: int, data: st.DataObject, shared: int
) -> None:
    drawn = data.draw(square(k))
    with limits(SHARED=shared):
        found = ran(made(drawn, m), drawn, wants_x=False)
    assert found.grad_x is None
    check_against_the_book(found, drawn, 1e-11)


@every_chosen_tile
@given(data=st.data())
def test_float32_stays_float32(k: int, m: int, data: st.DataObject) -> None:
    drawn = data.draw(square(k))
    found = ran(made(drawn, m, "float32"), drawn, "float32")
    assert {str(x.dtype) for x in found if x is not None} == {"float32"}
    check_against_the_book(found, drawn, 1e-4)


@every_chosen_tile
@given(data=st.data())
def test_nobody_keeps_the_weight_itself(k: int, m: int, data: st.DataObject) -> None:
    drawn = data.draw(square(k))
    weight = drawn.weight.copy()
    layer = Winograd(channels_last(drawn.x), weight, drawn.bias, drawn.window, drawn.size, m)
    weight.fill(np.nan)
    check_against_the_book(ran(layer, drawn), drawn, 1e-11)


# ---- how many digits it costs -------------------------------------------------------------------

ALLOWED = 1e-5  # of the 2-norm


def possible_layers() -> Iterator[tuple[Shape, int]]:
    """Every layer of the networks that Winograd could compute, with every m."""
    seen = set()
    for name in TABLES:
        for shape in network_layers(name):
            k = shape.window.kernel[0]
            if shape.window.stride == (1, 1) and shape[1:] not in seen:
                seen.add(shape[1:])
                yield from ((shape, m) for m in plan.OUTPUTS[k])


def errors_of(shape: Shape, m: int, kind: str) -> dict[str, float]:
    """Measure the error of float32 against float64: of the output and of each gradient."""
    rng = np.random.default_rng(0)
    size = (min(shape.size[0], 40), min(shape.size[1], 40))  # of very large images a part
    k = shape.window.kernel[0]
    n = 2 if size[0] <= 16 else 1
    x = rng.standard_normal((n, shape.c, *size)).astype("float32")
    if kind == "after a ReLU":
        x = np.maximum(x, 0)
    scale = math.sqrt(2 / (shape.c * k * k))
    weight = (scale * rng.standard_normal((shape.o, shape.c, k, k))).astype("float32")
    bias = (0.1 * rng.standard_normal(shape.o)).astype("float32")
    drawn = Drawn(x, weight, bias, shape.window, 0)
    found, wanted = ran(made(drawn, m, "float32"), drawn, "float32"), drawn.truth()
    names = ("output", "gradient of x", "gradient of weight", "gradient of bias")
    return {
        name: error_of(got, truth)
        for name, got, truth in zip(names, found, wanted, strict=True)
        if got is not None and truth is not None
    }


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["of both signs", "after a ReLU"])
def test_in_float32_every_layer_of_every_network_keeps_five_digits(kind: str) -> None:
    """Whatever the cost model would choose."""
    errors: dict[str, float] = {}
    for shape, m in possible_layers():
        k = shape.window.kernel[0]
        label = f"{shape.network} {k}x{k}, {shape.c} -> {shape.o}, F({m}, {k})"
        for what, error in errors_of(shape, m, kind).items():
            errors[f"{what} of {label}"] = error
    assert len(errors) >= 4 * 15
    worst = max(errors, key=lambda name: errors[name])
    table = "\n".join(f"{error:.2e}  {name}" for name, error in errors.items())
    assert errors[worst] <= ALLOWED, f"worst: {errors[worst]:.2e}, {worst}\n{table}"


# ---- numbers that are none ----------------------------------------------------------------------


def touched(drawn: Drawn, place: tuple[int, int, int]) -> Array:
    """Say which outputs (OH, OW) of an image see one of its pixels."""
    alone = np.zeros((1, 1, *drawn.x.shape[2:]))
    alone[0, 0, place[1], place[2]] = 1
    ones = np.ones((1, 1, *drawn.window.kernel))
    seen = oracles.conv2d(alone, ones, None, 1, drawn.window.padding)
    return np.asarray(seen[0, 0] > 0)


@every_chosen_tile
@settings(max_examples=examples(10))
@given(data=st.data(), bad=st.sampled_from([math.nan, math.inf, -math.inf]), shared=shares)
def test_a_pixel_that_is_no_number_reaches_all_outputs_it_touches(
    k: int, m: int, data: st.DataObject, bad: float, shared: int
) -> None:
    """And no other image."""
    drawn = data.draw(square(k))
    n, c, h, w = (data.draw(st.integers(0, length - 1)) for length in drawn.x.shape)
    spoilt = drawn.x.copy()
    spoilt[n, c, h, w] = bad
    with limits(SHARED=shared, CACHED=1), np.errstate(invalid="ignore"):
        good = ran(made(drawn, m), drawn)
        found = ran(made(drawn, m), Drawn(spoilt, *vars_of(drawn)))
    reached = touched(drawn, (c, h, w))
    assert not np.isfinite(found.y[n][:, reached]).any()
    if reached.any():
        assert not np.isfinite(found.grad_weight[:, c]).all()
    others = np.arange(len(drawn.x)) != n
    np.testing.assert_array_equal(found.y[others], good.y[others])


def vars_of(drawn: Drawn) -> tuple[Array, Array | None, Window, int]:
    return drawn.weight, drawn.bias, drawn.window, drawn.seed


@every_chosen_tile
def test_a_weight_that_is_no_number_reaches_its_whole_map(k: int, m: int) -> None:
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((3, 2, k, k))
    weight[1, 0, k - 1, 0] = math.nan
    drawn = Drawn(rng.standard_normal((2, 2, 9, 8)), weight, None, Window.of(k, padding=1), 0)
    with np.errstate(invalid="ignore"):
        found = ran(made(drawn, m), drawn)
    assert np.isnan(found.y[:, 1]).all()
    assert np.isfinite(found.y[:, [0, 2]]).all()


@every_chosen_tile
def test_a_bias_that_is_no_number_reaches_its_whole_map(k: int, m: int) -> None:
    rng = np.random.default_rng(0)
    weight, bias = rng.standard_normal((3, 2, k, k)), np.array([0.0, math.nan, 0.0])
    drawn = Drawn(rng.standard_normal((2, 2, 9, 8)), weight, bias, Window.of(k, padding=1), 0)
    with np.errstate(invalid="ignore"):
        found = ran(made(drawn, m), drawn)
    assert np.isnan(found.y[:, 1]).all()
    assert np.isfinite(found.y[:, [0, 2]]).all()
