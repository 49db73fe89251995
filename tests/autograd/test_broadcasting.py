"""Stretching forward, summing backward: exact over all pairs of shapes that broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minin
from minin import ops
from minin.autograd.operators import unbroadcast
from minin.errors import ShapeError
from tests import oracles
from tests.choice import examples
from tests.libraries import get, put

Array = npt.NDArray[Any]
Shapes = tuple[tuple[int, ...], tuple[int, ...]]


def pairs() -> st.SearchStrategy[Shapes]:
    """All pairs of shapes that broadcast, axes of length 0 and none at all among them."""
    both = hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=4)
    return both.map(lambda drawn: (drawn.input_shapes[0], drawn.input_shapes[1]))


def whole(shape: tuple[int, ...], seed: int) -> Array:
    """Whole numbers, of which float64 adds up thousands without rounding."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(np.float64)


def summed_by_loops(grad: Array, shape: tuple[int, ...]) -> Array:
    """Add each number of grad to the number that broadcasting had put there."""
    out = np.zeros(shape)
    for i in np.ndindex(grad.shape):
        out[oracles.broadcast_index(i, shape)] += grad[i]
    return out


@settings(max_examples=examples(150))
@given(shapes=pairs(), seed=st.integers(0, 999))
def test_unbroadcast_is_exact(shapes: Shapes, seed: int) -> None:
    x = minin.tensor(whole(shapes[0], seed), requires_grad=True)
    y = minin.tensor(whole(shapes[1], seed + 1), requires_grad=True)
    grad = whole(np.broadcast_shapes(*shapes), seed + 2)
    cases: list[tuple[Any, Any, Any]] = [
        (x + y, grad, grad),
        (x - y, grad, -grad),
        (x * y, grad * y.data, grad * x.data),
    ]
    for z, slope_x, slope_y in cases:
        x.grad = y.grad = None
        z.backward(grad)
        np.testing.assert_array_equal(x.grad, summed_by_loops(slope_x, x.shape), strict=True)
        np.testing.assert_array_equal(y.grad, summed_by_loops(slope_y, y.shape), strict=True)


@given(shapes=pairs(), seed=st.integers(0, 999))
def test_unbroadcast_is_exact_on_a_strict_library(shapes: Shapes, seed: int) -> None:
    grad = whole(np.broadcast_shapes(*shapes), seed)
    for shape in shapes:
        there = put(grad, "strict")
        back = get(unbroadcast(there, (shape, there.dtype)))
        np.testing.assert_array_equal(back, summed_by_loops(grad, shape), strict=True)


@given(shapes=pairs(), seed=st.integers(0, 999))
def test_every_op_of_two_arrays_broadcasts(shapes: Shapes, seed: int) -> None:
    x = minin.tensor(whole(shapes[0], seed) + 20.5, requires_grad=True)
    y = minin.tensor(whole(shapes[1], seed) / 5 + 3.0, requires_grad=True)
    shape = np.broadcast_shapes(*shapes)
    mask = whole(shape, seed) > 0
    for z in (x / y, x**y, ops.maximum(x, y), ops.where(mask, x, y)):
        x.grad = y.grad = None
        z.backward(np.ones(shape))
        assert (z.shape, x.grad.shape, y.grad.shape) == (shape, *shapes)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (((2,), (3,)), r"\(2,\) and \(3,\)"),
        (((2, 3), (2, 1, 2)), r"\(2, 3\) and \(2, 1, 2\)"),
        (((0,), (2,)), r"\(0,\) and \(2,\)"),
    ],
)
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**"])
def test_shapes_that_do_not_broadcast_are_both_named(shapes: Shapes, said: str, sign: str) -> None:
    x, y = (minin.tensor(np.ones(shape)) for shape in shapes)
    with pytest.raises(ShapeError, match=said + ".*do not broadcast"):
        eval(f"x {sign} y", {"x": x, "y": y})
