"""ReLU piece by piece: the book's bits for any number of axes and any layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minin
from minin import autograd, ops
from minin.errors import DtypeError
from minin.fast.cpu import plan
from tests.choice import examples
from tests.fast.cpu.helpers import LAYOUTS, Array, dirty_scratch, laid_out, limits, workers

layouts = st.sampled_from(list(LAYOUTS))
odd = st.sampled_from([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40])
arrays = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=5, max_side=5),
    elements=st.one_of(odd, st.floats(-9, 9, width=32)),
)


def passed(mode: str, x: Array, grad: Array) -> tuple[Array, Array, Array]:
    leaf = minin.Tensor(x, requires_grad=True)
    with minin.rules(mode), autograd.record() as tape:
        y = ops.relu(leaf)
    assert tape.steps[0].kind == ("plain" if mode == "plain" else "fast")
    ((name, mask),) = tape.steps[0].branches
    assert name == "mask"
    y.backward(grad)
    return y.data, leaf.grad, np.asarray(mask)


@settings(max_examples=examples(100))
@given(
    x=arrays, mine=layouts, other=layouts, cached=st.sampled_from([1, 40, plan.CACHED]),
    count=st.sampled_from([1, 3]), seed=st.integers(0, 99),
)  # fmt: skip
def test_output_slope_and_mask_are_the_books(
    x: Array, mine: str, other: str, cached: int, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = laid_out(x, mine)
    numbers = rng.choice([1.0, -2.0, np.nan, np.inf], x.shape)
    grad = laid_out(np.asarray(numbers, x.dtype), other)
    dirty_scratch()
    with limits(CACHED=cached, ALONE=16), workers(count):
        found = passed("fast", x, grad)
    for got, wanted in zip(found, passed("plain", x, grad), strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


@pytest.mark.parametrize("mine", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_a_slope_may_lie_otherwise_than_its_number(mine: str, other: str) -> None:
    rng = np.random.default_rng(0)
    x, grad = (rng.standard_normal((2, 3, 4, 5)) for _ in range(2))
    x, grad = laid_out(x, mine), laid_out(grad, other)
    for got, wanted in zip(passed("fast", x, grad), passed("plain", x, grad), strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


@given(x=arrays)
def test_the_slope_that_is_cut_off_is_a_zero_without_sign(x: Array) -> None:
    _, slope, mask = passed("fast", x, np.full(x.shape, -1, x.dtype))
    np.testing.assert_array_equal(np.signbit(slope), mask)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_output_lies_as_the_input(layout: str) -> None:
    """A network of separate layers stays channels last if it began so."""
    x = laid_out(np.random.default_rng(0).standard_normal((2, 3, 4, 5)), layout)
    y = ops.relu(x).data
    lies = y.transpose(0, 2, 3, 1).flags.c_contiguous if layout == "channels last" else True
    assert lies
    assert y.flags.c_contiguous or layout == "channels last"


def test_floats_are_covered_and_no_others() -> None:
    for x, kind in (
        (np.ones(3, "float32"), "fast"),
        (np.ones((2, 2)), "fast"),
        (np.array(1.0), "fast"),
        (np.ones((0, 3)), "plain"),
    ):
        with autograd.record() as tape:
            ops.relu(x)
        assert tape.steps[0].kind == kind
    for mode in ("plain", "fast"):
        with minin.rules(mode), pytest.raises(DtypeError, match="relu: x"):
            ops.relu(np.ones(3, int))


def test_backward_may_run_twice() -> None:
    x = minin.tensor([[-1.0, 2.0], [3.0, -4.0]], requires_grad=True)
    y = ops.relu(x)
    y.backward(np.ones((2, 2)), retain_graph=True)
    y.backward(np.ones((2, 2)))
    assert x.grad.tolist() == [[0, 2], [2, 0]]
