"""Who moves, who stays, and which arguments an optimiser refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, nn, optim
from minin.errors import ArgumentError
from tests import libraries


def weight(value: float = 1.0, dtype: str = "float64") -> Tensor:
    return Tensor(np.full(3, value, dtype=dtype), requires_grad=True)


def with_grad(value: float = 1.0, slope: float = 1.0) -> Tensor:
    w = weight(value)
    w.grad = np.full(3, slope)
    return w


def optimisers(params: Any, **options: Any) -> list[optim.Optimiser]:
    return [optim.SGD(params, 0.1, momentum=0.9, **options), optim.Adam(params, 0.1, **options)]


@pytest.mark.parametrize("which", [0, 1])
def test_frozen_parameters_and_those_without_gradient_stay(which: int) -> None:
    frozen, idle, moving = with_grad(), weight(), with_grad()
    frozen.requires_grad = False
    optimiser = optimisers([frozen, idle, moving], weight_decay=0.1)[which]
    optimiser.step()
    np.testing.assert_array_equal(frozen.data, np.ones(3))
    np.testing.assert_array_equal(idle.data, np.ones(3))
    assert (moving.data < 1).all()


def test_each_group_has_its_own_rate_and_decay() -> None:
    fast, slow, decayed = with_grad(), with_grad(), with_grad(slope=0.0)
    groups: list[dict[str, Any]] = [
        {"params": [fast]},
        {"params": slow, "lr": 0.01},
        {"params": [decayed], "weight_decay": 0.5},
    ]
    optim.SGD(groups, lr=0.1).step()
    np.testing.assert_allclose(fast.data, 0.9)
    np.testing.assert_allclose(slow.data, 0.99)
    np.testing.assert_allclose(decayed.data, 0.95)


def test_a_groups_rate_can_be_set_between_steps() -> None:
    w = with_grad()
    optimiser = optim.SGD([w], lr=0.1)
    optimiser.groups[0].lr = 0.5
    optimiser.step()
    np.testing.assert_allclose(w.data, 0.5)


def test_zero_grad_forgets() -> None:
    w = with_grad()
    optim.SGD([w], lr=0.1).zero_grad()
    assert w.grad is None


@pytest.mark.parametrize("which", [0, 1])
def test_a_step_counts_as_an_in_place_change(which: int) -> None:
    w = with_grad()
    before = w.changes
    optimisers([w])[which].step()
    assert w.changes > before


@pytest.mark.parametrize("which", [0, 1])
def test_a_step_leaves_the_gradient_as_it_was(which: int) -> None:
    w = with_grad(slope=2.0)
    w.grad.flags.writeable = False
    for optimiser in [optimisers([w], weight_decay=0.1)[which]]:
        optimiser.step()
        optimiser.step()
    np.testing.assert_array_equal(w.grad, np.full(3, 2.0))


@pytest.mark.parametrize("shape", [(), (2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("which", [0, 1])
def test_the_dtype_and_the_array_survive(which: int, dtype: str, shape: tuple[int, ...]) -> None:
    w = Tensor(np.ones(shape, dtype=dtype), requires_grad=True)
    w.grad = np.ones(shape, dtype=dtype)
    optimiser = optimisers([w], weight_decay=0.1)[which]
    for _ in range(2):
        optimiser.step()
    assert isinstance(w.data, np.ndarray)
    assert (w.data.dtype, w.data.shape) == (np.dtype(dtype), shape)
    assert (w.data < 1).all()


@pytest.mark.parametrize("library", libraries.libraries())
@pytest.mark.parametrize("which", [0, 1])
def test_every_array_library_moves_alike(which: int, library: str) -> None:
    rng = np.random.default_rng(0)
    start, slopes = rng.standard_normal(4), rng.standard_normal((3, 4))

    def moved(where: str) -> Any:
        w = Tensor(libraries.put(start.copy(), where), requires_grad=True)
        optimiser = optimisers([w], weight_decay=0.1)[which]
        for slope in slopes:
            w.grad = libraries.put(slope, where)
            optimiser.step()
        return libraries.get(w.data)

    np.testing.assert_allclose(moved(library), moved("numpy"), rtol=1e-12)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([], "at least one parameter; got none"),
        ([{"params": []}], "at least one; got none"),
        (weight(), "several tensors or groups; got a Tensor. Pass a list"),
        (nn.Linear(2, 2, rng=0), "got a Linear. Pass model.parameters"),
        (3, "got a int"),
        (list(nn.Linear(2, 2, rng=0).named_parameters()), "pass parameters"),
        ([{"weights": [weight()]}], "must have the key 'params'"),
        ([{"params": [weight()], "momentum": 0.9}], "got ['momentum', 'params']"),
        ([{"params": [weight()], "lr": -1}], "lr must be a finite number of at least 0; got -1"),
        ([{"params": [weight()]}, weight()], "must be tensors"),
    ],
)
def test_wrong_parameters_are_refused(params: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        optim.SGD(params, lr=0.1)
    assert message in str(caught.value)


def test_one_parameter_in_two_groups_is_refused() -> None:
    w = weight()
    with pytest.raises(ArgumentError, match="comes twice"):
        optim.SGD([{"params": [w]}, {"params": [w]}], lr=0.1)


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf"), "0.1", None, True])
def test_a_wrong_rate_is_refused(lr: Any) -> None:
    with pytest.raises(ArgumentError, match="lr must be a finite number of at least 0"):
        optim.Adam([weight()], lr)


def test_an_update_that_nobody_wrote_says_so() -> None:
    optimiser = optim.Optimiser([with_grad()], lr=0.1)
    with pytest.raises(NotImplementedError):
        optimiser.step()


def test_a_step_between_forward_and_backward_is_noticed() -> None:
    w = minin.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    w.grad = np.ones(2, dtype=np.float32)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(minin.errors.ChangedInPlaceError):
        loss.backward()
