"""Max pooling in two short walks: the book's maxima and winners, at ties, at borders, at NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minin
from minin import autograd, ops
from minin.errors import MininError
from minin.fast.cpu import plan
from tests import oracles
from tests.choice import examples
from tests.fast.cpu.calls import Call, Done, done
from tests.fast.cpu.helpers import Array, dirty_scratch, limits, workers

INF, NAN = math.inf, math.nan
caches = st.sampled_from([1, 300, 3000, plan.CACHED])
counts = st.sampled_from([1, 3])
few = st.sampled_from([0.0, -0.0, 1.0, 2.0, -INF])  # so that most windows have ties
fewer = st.sampled_from([0.0, 1.0, -INF, INF, NAN])


@st.composite
def poolings(draw: st.DrawFn, elements: st.SearchStrategy[float]) -> Call:
    """Draw a pooling of any geometry, overlapping, with gaps, or beyond the edge."""
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    sides = [st.tuples(st.integers(0, k // 2), st.integers(0, k // 2)) for k in kernel]
    dilation = draw(st.sampled_from([1, 1, 2, (1, 2), (3, 1)]))
    reach = np.array(kernel) * (dilation if isinstance(dilation, tuple) else (dilation,) * 2)
    size = tuple(int(k) + draw(st.integers(0, 9)) for k in reach)
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    parameters = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), pair)),
        "padding": draw(st.one_of(st.just(0), st.tuples(*sides))),
        "dilation": dilation,
        "ceil_mode": draw(st.booleans()),
    }
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *size)
    x = draw(hnp.arrays(np.float64, shape, elements=elements))
    return Call("max_pool2d", x, parameters=parameters, seed=draw(st.integers(0, 99)))


def slope(found: Done) -> Array:
    (grad,) = found.gradients
    assert grad is not None
    return grad


def both(call: Call, dtype: str = "float64") -> tuple[Done, Done]:
    dirty_scratch()
    mine, books = done(call, "fast", dtype), done(call, "plain", dtype)
    assert (mine.step.kind, books.step.kind) == ("fast", "plain")
    return mine, books


@settings(max_examples=examples(150))
@given(call=poolings(st.one_of(few, st.floats(-2, 2))), cached=caches, count=counts)
def test_maxima_and_winners_are_the_books(call: Call, cached: int, count: int) -> None:
    with limits(CACHED=cached, ALONE=64), workers(count):
        mine, books = both(call)
    np.testing.assert_array_equal(mine.y, books.y, strict=True)
    np.testing.assert_allclose(slope(mine), slope(books), rtol=1e-14, atol=1e-14)


@settings(max_examples=examples(100))
@given(call=poolings(fewer), cached=caches)
def test_nan_wins_in_the_order_of_the_book(call: Call, cached: int) -> None:
    with limits(CACHED=cached):
        mine, books = both(call)
    np.testing.assert_array_equal(mine.y, books.y, strict=True)
    np.testing.assert_allclose(slope(mine), slope(books), rtol=1e-14, atol=1e-14)


@settings(max_examples=examples(30))
@given(call=poolings(st.one_of(few, fewer)), cached=caches)
def test_maxima_and_slopes_are_those_of_the_loops(call: Call, cached: int) -> None:
    with limits(CACHED=cached):
        found = done(call)
    np.testing.assert_array_equal(found.y, oracles.max_pool2d(call.x, **call.parameters))
    grad = np.random.default_rng(call.seed + 1).standard_normal(found.y.shape)
    wanted = oracles.max_pool2d_grad_x(call.x, grad, **call.parameters)
    np.testing.assert_allclose(slope(found), wanted, rtol=1e-14, atol=1e-14)


@given(call=poolings(st.floats(-2, 2, width=32)), cached=caches)
def test_float32_stays_float32(call: Call, cached: int) -> None:
    with limits(CACHED=cached):
        mine, books = both(call, "float32")
    np.testing.assert_array_equal(mine.y, books.y, strict=True)
    np.testing.assert_allclose(slope(mine), slope(books), rtol=1e-6, atol=1e-6)
    assert str(slope(mine).dtype) == "float32"


@given(call=poolings(few), cached=caches)
def test_the_winners_on_a_tape_are_the_books(call: Call, cached: int) -> None:
    with limits(CACHED=cached):
        mine, books = both(call)
    assert [name for name, _ in mine.step.branches] == ["winner"]
    np.testing.assert_array_equal(mine.step.branches[0][1], books.step.branches[0][1])


@given(call=poolings(few), bad=st.sampled_from([NAN, INF, -INF]))
def test_a_slope_that_is_no_number_reaches_the_winner_alone(call: Call, bad: float) -> None:
    slopes = []
    for mode in ("fast", "plain"):
        x = minin.tensor(call.x, requires_grad=True)
        with minin.rules(mode):
            y = ops.max_pool2d(x, **call.parameters)
        grad = np.ones(y.shape)
        grad.reshape(-1)[call.seed % grad.size] = bad
        y.backward(grad)
        slopes.append(x.grad)
    np.testing.assert_array_equal(*slopes)


@given(call=poolings(few), cached=caches)
def test_without_a_graph_the_numbers_are_the_same(call: Call, cached: int) -> None:
    with limits(CACHED=cached), minin.no_grad():
        y = ops.max_pool2d(call.x, **call.parameters)
    np.testing.assert_array_equal(y.data, done(call, "plain").y)


@pytest.mark.parametrize("cached", [1, 100, plan.CACHED])
def test_windows_that_see_one_pixel_or_all(cached: int) -> None:
    x = np.arange(2 * 3 * 5 * 7.0).reshape(2, 3, 5, 7)
    with limits(CACHED=cached):
        np.testing.assert_array_equal(ops.max_pool2d(x, 1).data, x)
        whole = ops.max_pool2d(x, (5, 7)).data
    np.testing.assert_array_equal(whole[:, :, 0, 0], x.max(axis=(2, 3)))


def test_the_published_poolings_overhang_the_edge() -> None:
    """3x3 every 2 pixels takes 32 to 16; the last window sees two rows and columns."""
    x = np.zeros((1, 1, 32, 32))
    x[0, 0, 31, 31] = 5.0
    y = ops.max_pool2d(x, 3, 2, ceil_mode=True).data
    assert y.shape == (1, 1, 16, 16)
    assert np.argwhere(y).tolist() == [[0, 0, 15, 15]]


# ---- what is covered ----------------------------------------------------------------------------


def kind_of(x: Array, **parameters: Any) -> str:
    with autograd.record() as tape:
        ops.max_pool2d(x, **parameters)
    return tape.steps[0].kind


def test_floats_are_covered_and_nothing_else() -> None:
    shape = (2, 3, 4, 4)
    for dtype in ("float32", "float64"):
        assert kind_of(np.ones(shape, dtype), kernel_size=2) == "fast"
    assert kind_of(np.ones((0, 3, 4, 4)), kernel_size=2) == "plain"
    assert kind_of(np.ones((2, 0, 4, 4)), kernel_size=2) == "plain"
    with minin.rules("im2col"):
        assert kind_of(np.ones(shape), kernel_size=2) == "fast"
    with minin.rules("plain"):
        assert kind_of(np.ones(shape), kernel_size=2) == "plain"


@pytest.mark.parametrize(
    ("shape", "dtype", "parameters"),
    [
        ((3, 4, 4), "float32", {"kernel_size": 2}),
        ((1, 3, 4, 4), "float32", {"kernel_size": 0}),
        ((1, 3, 4, 4), "float32", {"kernel_size": 5}),
        ((1, 3, 4, 4), "float32", {"kernel_size": 2, "padding": 2}),
        ((1, 3, 4, 4), "float32", {"kernel_size": 2, "padding": "same"}),
        ((1, 3, 4, 4), "float32", {"kernel_size": 2, "stride": 0}),
        ((1, 3, 4, 4), "int64", {"kernel_size": 2}),
        ((1, 3, 4, 4), "float16", {"kernel_size": 2}),
    ],
)
def test_mistakes_are_refused_in_the_words_of_the_book(
    shape: tuple[int, ...], dtype: str, parameters: dict[str, Any]
) -> None:
    said = []
    for mode in ("plain", "fast"):
        with minin.rules(mode), pytest.raises(MininError) as caught:
            ops.max_pool2d(np.ones(shape, dtype), **parameters)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]
