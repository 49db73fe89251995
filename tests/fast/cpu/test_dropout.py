"""Dropout in tiles: the book's mask, number for number, and its bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minin
from minin import autograd, ops
from minin.errors import MininError
from minin.fast.cpu import plan
from minin.rng import draw_keys, mix
from tests.cases import hashed_mask
from tests.choice import examples
from tests.fast.cpu.helpers import LAYOUTS, Array, dirty_scratch, laid_out, limits, workers

caches = st.sampled_from([1, 100, plan.CACHED])
counts = st.sampled_from([1, 3])
chances = st.one_of(
    st.sampled_from([1e-12, 1e-6, 0.3, 0.5, 1 - 1e-6, 1 - 1e-12, 1.0]), st.floats(0.01, 0.99)
)
shapes = st.tuples(*[st.integers(1, 5)] * 4)
layouts = st.sampled_from(list(LAYOUTS))


def dropped(mode: str, x: Array, p: float, rng: Any) -> tuple[Array, Array]:
    """Return the output and the gradient for a fixed cotangent, by the rules of a mode."""
    leaf = minin.Tensor(x, requires_grad=True)
    with minin.rules(mode), autograd.record() as tape:
        y = ops.dropout(leaf, p, rng=rng)
    assert tape.steps[0].kind == ("plain" if mode == "plain" else "fast")
    y.backward(np.random.default_rng(1).standard_normal(y.shape).astype(x.dtype))
    return y.data, leaf.grad


@settings(max_examples=examples(80))
@given(
    shape=shapes, layout=layouts, p=chances, seed=st.integers(0, 99), cached=caches,
    count=counts, dtype=st.sampled_from(["float32", "float64"]),
)  # fmt: skip
def test_output_and_slope_are_the_books_to_the_bit(
    shape: tuple[int, ...], layout: str, p: float, seed: int, cached: int, count: int, dtype: str
) -> None:
    numbers = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    x = laid_out(numbers, layout)
    dirty_scratch()
    with limits(CACHED=cached, ALONE=16), workers(count):
        mine = dropped("fast", x, p, seed)
    for got, wanted in zip(mine, dropped("plain", x, p, seed), strict=True):
        assert got.dtype == wanted.dtype
        assert np.ascontiguousarray(got).tobytes() == np.ascontiguousarray(wanted).tobytes()


@given(shape=shapes, layout=layouts, p=chances, seed=st.integers(0, 99), cached=caches)
def test_the_mask_is_the_documented_one(
    shape: tuple[int, ...], layout: str, p: float, seed: int, cached: int
) -> None:
    with limits(CACHED=cached, ALONE=16):
        y, slope = dropped("fast", laid_out(np.ones(shape), layout), p, seed)
    mask = hashed_mask(shape, p, seed)
    np.testing.assert_array_equal(y != 0, mask)
    np.testing.assert_array_equal(slope != 0, mask)


@pytest.mark.parametrize("images", [1, 7, 64])
def test_many_parts_have_one_mask(images: int) -> None:
    x = np.ones((images, 3, 8, 8))
    found = []
    for cached in (1, 1000, 10_000, plan.CACHED):
        with limits(CACHED=cached, ALONE=1):
            found.append(dropped("fast", x, 0.5, 7)[0])
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
    assert 0.3 < np.mean(found[0] == 0) < 0.7


def test_a_hash_that_is_the_threshold_itself_is_kept() -> None:
    """Of four thousand million numbers one is at the edge; here it is looked for."""
    first, second = draw_keys(7, 2)
    hashes = mix(mix(np.arange(24, dtype=np.uint32) ^ first) ^ second)
    for element, hashed in enumerate(hashes):
        p = int(hashed) / 2**32
        mine, books = (dropped(mode, np.ones((2, 3, 2, 2)), p, 7)[0] for mode in ("fast", "plain"))
        np.testing.assert_array_equal(mine, books)
        assert mine.reshape(-1)[element] != 0


def test_keys_are_taken_from_the_generator_as_the_book_takes_them() -> None:
    x, left = np.ones((4, 3, 8, 8)), []
    for mode in ("fast", "plain"):
        rng, outputs = np.random.default_rng(3), []
        with minin.rules(mode):
            for p, training in ((0.5, True), (0.0, True), (0.5, False), (1.0, True), (0.2, True)):
                outputs.append(ops.dropout(x, p, training=training, rng=rng).data)
        left.append((outputs, rng.integers(0, 2**62)))
    for mine, books in zip(left[0][0], left[1][0], strict=True):
        np.testing.assert_array_equal(mine, books)
    assert left[0][1] == left[1][1]


def test_two_calls_have_two_masks() -> None:
    x, rng = np.ones((2, 3, 8, 8)), np.random.default_rng(0)
    one, two = (ops.dropout(x, 0.5, rng=rng).data for _ in range(2))
    assert np.any(one != two)
    three, four = (ops.dropout(x, 0.5).data for _ in range(2))
    assert np.any(three != four), "without an rng the masks have to be unpredictable"


@pytest.mark.filterwarnings("ignore:invalid value encountered in multiply")
@pytest.mark.parametrize("p", [0.3, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_and_infinity_are_the_books(p: float, dtype: str) -> None:
    x = np.ones((4, 2, 4, 4), dtype)
    x[0, 0], x[1, 1], x[2, 0], x[3, 1] = math.nan, math.inf, -math.inf, -0.0
    mine, books = (dropped(mode, x, p, 5)[0] for mode in ("fast", "plain"))
    np.testing.assert_array_equal(mine, books)
    np.testing.assert_array_equal(np.signbit(mine), np.signbit(books))
    assert np.isnan(mine[0, 0]).all()


def test_where_all_is_dropped_nothing_is_left() -> None:
    y, slope = dropped("fast", np.ones((3, 2, 4, 4)), 1.0, 0)
    assert not y.any()
    assert not slope.any()


def test_the_mean_is_kept() -> None:
    y = ops.dropout(np.ones((64, 8, 16, 16)), 0.3, rng=0).data
    assert abs(float(y.mean()) - 1) < 0.01


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_backward_may_run_twice(p: float) -> None:
    x = minin.tensor(np.ones((3, 2, 4, 4)), requires_grad=True)
    y = ops.dropout(x, p, rng=0)
    y.backward(np.ones(y.shape), retain_graph=True)
    once = x.grad.copy()
    y.backward(np.ones(y.shape))
    np.testing.assert_allclose(x.grad, 2 * once)


# ---- what is covered ----------------------------------------------------------------------------


def kind_of(x: Array, *arguments: Any, **parameters: Any) -> str:
    with autograd.record() as tape:
        ops.dropout(x, *arguments, **parameters)
    return tape.steps[0].kind


def test_images_of_which_something_may_be_dropped_are_covered() -> None:
    x = np.ones((2, 3, 4, 4), "float32")
    assert kind_of(x) == kind_of(x, 0.5, rng=0) == kind_of(x, 1.0) == "fast"
    assert kind_of(x.astype("float64"), 0.1) == "fast"
    assert kind_of(x, 0.0) == kind_of(x, 0) == kind_of(x, 0.5, training=False) == "plain"
    assert kind_of(x[0]) == kind_of(np.ones(5)) == kind_of(np.ones((0, 3, 4, 4))) == "plain"


@pytest.mark.parametrize(
    ("dtype", "parameters"),
    [
        ("float32", {"p": -0.1}),
        ("float32", {"p": 1.5}),
        ("float32", {"p": math.nan}),
        ("float32", {"p": "0.5"}),
        ("float32", {"p": 0.5, "rng": -1}),
        ("int64", {"p": 0.5}),
        ("float16", {"p": 0.5}),
    ],
)
def test_mistakes_are_refused_in_the_words_of_the_book(
    dtype: str, parameters: dict[str, Any]
) -> None:
    said = []
    for mode in ("plain", "fast"):
        with minin.rules(mode), pytest.raises(MininError) as caught:
            ops.dropout(np.ones((1, 2, 3, 3), dtype), **parameters)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]
