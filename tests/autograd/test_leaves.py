"""Leaves own their gradients: no two share memory, with each other or with anything else."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, differentiable, ops
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array


def leaves(count: int, shape: tuple[int, ...] = (2, 2)) -> list[Tensor]:
    return [minin.tensor(np.full(shape, k + 1.0), requires_grad=True) for k in range(count)]


def demand_apart(*arrays: Any) -> None:
    for one, two in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, two)


@differentiable
def handing_on(x: Array, y: Array) -> OutputAndBackward:
    """Return the upstream gradient itself for one argument, and a view of it for the other."""
    return x + y, lambda grad_y: (grad_y, grad_y[::-1][::-1])


@differentiable
def giving_away(x: Array, y: Array) -> OutputAndBackward:
    """Return its own argument as a gradient, twice."""
    return x + y, lambda _: (y, y)


BUILDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda a, b: a + b,
    "the same leaf twice": lambda a, b: a + a + b,
    "reshape": lambda a, b: a.reshape(4) + b.reshape(4),
    "transpose": lambda a, b: a.transpose() + b,
    "concatenate": lambda a, b: ops.concatenate([a, b]),
    "getitem": lambda a, b: a[0] + b[0],
    "sum": lambda a, b: (a + b).sum(),
    "mean": lambda a, b: (a + b).mean(axis=0),
    "where": lambda a, b: ops.where(np.ones((2, 2), bool), a, b),
    "a rule that hands on what it was given": handing_on,
    "a rule that gives away its argument": giving_away,
}


@pytest.mark.parametrize("name", BUILDS)
def test_no_gradient_shares_memory_with_anything(name: str) -> None:
    a, b = leaves(2)
    y = BUILDS[name](a, b)
    grad = np.ones(y.shape)
    y.backward(grad, retain_graph=True)
    demand_apart(a.grad, b.grad, grad, a.data, b.data, y.data)
    once = a.grad.copy()
    y.backward(grad)
    demand_apart(a.grad, b.grad, grad, a.data, b.data, y.data)
    np.testing.assert_array_equal(a.grad, 2 * once)


@pytest.mark.parametrize("name", BUILDS)
def test_a_gradient_can_be_written_to_and_changes_nothing_else(name: str) -> None:
    a, b = leaves(2)
    BUILDS[name](a, b).sum().backward()
    before, data = b.grad.copy(), a.data.copy()
    a.grad *= 100
    a.grad[...] = -1
    np.testing.assert_array_equal(b.grad, before)
    np.testing.assert_array_equal(a.data, data)


def test_gradients_add_up_over_calls() -> None:
    (a,) = leaves(1)
    for _ in range(3):
        (a * 2).sum().backward()
    np.testing.assert_array_equal(a.grad, np.full((2, 2), 6.0), strict=True)


def test_a_leaf_that_is_itself_the_loss_owns_its_gradient() -> None:
    (a,) = leaves(1)
    grad = np.ones((2, 2))
    a.backward(grad)
    demand_apart(a.grad, grad, a.data)


def test_tensor_copies_what_it_is_given() -> None:
    array = np.ones(3)
    t = minin.tensor(array)
    twin = minin.tensor(t)
    demand_apart(t.data, array, twin.data)


def test_a_frozen_leaf_collects_nothing() -> None:
    a, b = leaves(2)
    a.requires_grad = False
    (a * b).sum().backward()
    assert a.grad is None
    np.testing.assert_array_equal(b.grad, a.data)


def test_a_leaf_frozen_after_forward_collects_nothing() -> None:
    a, b = leaves(2)
    loss = (a * b).sum()
    a.requires_grad = False
    loss.backward()
    assert a.grad is None
    assert b.grad is not None


def test_a_detached_tensor_has_the_same_numbers_and_no_gradient() -> None:
    (a,) = leaves(1)
    y = a * 2
    cut = y.detach()
    assert not cut.requires_grad
    assert cut.data is y.data
    (cut * a).sum().backward()
    np.testing.assert_array_equal(a.grad, y.data)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_gradient_has_the_shape_dtype_and_type_of_its_leaf(
    dtype: str, shape: tuple[int, ...]
) -> None:
    x = minin.tensor(np.full(shape, 2.0, dtype), requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
        assert type(x.grad) is np.ndarray
        assert (x.grad.shape, str(x.grad.dtype)) == (shape, dtype)
