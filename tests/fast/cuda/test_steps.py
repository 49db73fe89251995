"""The optimisers' steps in one kernel: the very bits of minin.optim, and one launch each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minin
from minin import optim
from minin.fast.cuda import steps
from tests.fast.cuda.fake import FakeArray, cupy
from tests.fast.cuda.processor import Array, demand_compiler

DTYPES = ["float32", "float64"]


@pytest.fixture(autouse=True)
def _needs_a_compiler() -> None:
    demand_compiler()


def slopes(dtype: str, count: int = 4) -> Iterator[Array]:
    rng = np.random.default_rng(1)
    for _ in range(count):
        yield rng.normal(size=(3, 5, 2, 2)).astype(dtype)


def start(dtype: str) -> Array:
    return np.random.default_rng(0).normal(size=(3, 5, 2, 2)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("decay", [0.0, 0.01])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_sgd_to_the_bit(dtype: str, decay: float, momentum: float, nesterov: bool) -> None:
    given: Any = {"momentum": momentum, "nesterov": nesterov, "weight_decay": decay}
    parameter = minin.Tensor(start(dtype), requires_grad=True)
    book = optim.SGD([parameter], lr=0.1, **given)
    weight = cupy.asarray(start(dtype))
    velocity = cupy.zeros(weight.shape, dtype=weight.dtype) if momentum else None
    for grad in slopes(dtype):
        parameter.grad = grad
        book.step()
        slope = cupy.asarray(grad)
        with cupy.counted() as counts:
            assert steps.sgd(weight, slope, velocity, lr=0.1, **given)
        assert (counts.launches, counts.waits.total()) == (1, 0)
        np.testing.assert_array_equal(slope.get(), grad)
        np.testing.assert_array_equal(weight.get(), parameter.data)
    if velocity is not None:
        np.testing.assert_array_equal(velocity.get(), book.state_dict()["velocity.0"])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_adam_to_rounding(dtype: str, decay: float) -> None:
    given: Any = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": decay}
    parameter = minin.Tensor(start(dtype), requires_grad=True)
    book = optim.Adam([parameter], **given)
    weight = cupy.asarray(start(dtype))
    mean, square = (cupy.zeros(weight.shape, dtype=weight.dtype) for _ in range(2))
    for count, grad in enumerate(slopes(dtype), start=1):
        parameter.grad = grad
        book.step()
        with cupy.counted() as counts:
            assert steps.adam(weight, cupy.asarray(grad), mean, square, steps=count, **given)
        assert (counts.launches, counts.waits.total()) == (1, 0)
        accurate = 1e-6 if dtype == "float32" else 1e-14
        np.testing.assert_allclose(weight.get(), parameter.data, rtol=accurate)
    np.testing.assert_allclose(mean.get(), book.state_dict()["mean.0"], rtol=1e-5)
    np.testing.assert_allclose(square.get(), book.state_dict()["square.0"], rtol=1e-5)


def test_a_gradient_may_lie_in_any_way() -> None:
    grad = next(slopes("float32"))
    weights = []
    for slope in (cupy.asarray(grad), FakeArray(np.asfortranarray(grad))):
        weight = cupy.asarray(start("float32"))
        assert steps.sgd(weight, slope, None, lr=0.1)
        weights.append(weight.get())
    np.testing.assert_array_equal(weights[0], weights[1])


def test_what_is_not_its_business_is_left_alone() -> None:
    here, there = start("float32"), cupy.asarray(start("float32"))
    strided = FakeArray(np.asfortranarray(start("float32")))
    halves = cupy.asarray(np.ones(4, np.float16))
    for weight in (here, strided, halves):
        before = np.array(weight.numbers if isinstance(weight, FakeArray) else weight)
        assert not steps.sgd(weight, weight, None, lr=0.1)
        assert not steps.adam(
            weight, weight, weight, weight, steps=1, lr=0.1, betas=(0.9, 0.99), eps=0.0
        )
        after = weight.numbers if isinstance(weight, FakeArray) else weight
        np.testing.assert_array_equal(after, before)
    with minin.rules("plain"):
        assert not steps.sgd(there, there, None, lr=0.1)
