"""Networks and training on a device that refuses every NumPy call: array_api_strict's device1.

Whatever the book does to its arrays goes through the standard's functions, so all of it runs on
any library that has them. In float64 the numbers are NumPy's own, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import backend, models, nn, ops, optim
from tests.choice import mostly_thorough
from tests.libraries import NAMES, get, put

OPTIMISERS: dict[str, Callable[[Any], optim.Optimiser]] = {
    "sgd": lambda parameters: optim.SGD(parameters, lr=0.1),
    "momentum": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=1e-3),
    "nesterov": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda parameters: optim.Adam(parameters, lr=0.01, weight_decay=1e-3),
}


def moved(model: nn.Module, library: str) -> nn.Module:
    """Bring a model's parameters to a library."""
    for parameter in model.parameters():
        parameter.data = put(parameter.data, library)
    return model


def trained(name: str, library: str, optimiser: str, size: int, steps: int) -> list[Any]:
    """Train a network for some steps; return losses, weights and what the optimiser remembers."""
    channels = models.build(name, rng=0).input_shape[0]
    model = moved(models.build(name, rng=0, dtype="float64"), library)
    drawn = np.random.default_rng(1)
    stepper = OPTIMISERS[optimiser](model.parameters())
    found: list[Any] = []
    with minin.rules("plain"):
        for _ in range(steps):
            images = put(drawn.standard_normal((2, channels, size, size)), library)
            labels = put(drawn.integers(0, 10, 2), library)
            loss = ops.cross_entropy(model(images), labels)
            assert backend.library(loss.data) == NAMES[library], "the loss left its library"
            stepper.zero_grad()
            loss.backward()
            optim.clip_gradients(model.parameters(), 5.0)
            stepper.step()
            found.append(get(loss.data))
    found += [get(parameter.data) for parameter in model.parameters()]
    return found + list(stepper.state_dict().values())


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_training_is_the_same_to_the_bit(optimiser: str) -> None:
    there = trained("nin-digits", "strict", optimiser, 8, steps=3)
    here = trained("nin-digits", "numpy", optimiser, 8, steps=3)
    assert len(there) == len(here) > 20
    for got, wanted in zip(there, here, strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


# Small images: global average pooling takes any size that the windows fit.
SIZES = dict.fromkeys(models.names(), 12) | {
    "nin-imagenet": 64,
    "nin-d2l": 80,
    "nin-example224": 16,
}


@pytest.mark.parametrize(
    "name", mostly_thorough(models.names(), lambda n: n in ("nin-digits", "nin-mnist"))
)
def test_a_training_step_of_every_network_is_the_same_to_the_bit(name: str) -> None:
    there = trained(name, "strict", "momentum", SIZES[name], steps=1)
    here = trained(name, "numpy", "momentum", SIZES[name], steps=1)
    for got, wanted in zip(there, here, strict=True):
        np.testing.assert_array_equal(got, wanted, strict=True)


def test_a_stray_numpy_call_is_noticed() -> None:
    """The proof itself can fail: NumPy cannot see what lies on the fake device."""

    @minin.differentiable
    def careless(x: Any) -> Any:
        return np.exp(x), lambda grad_y: (grad_y * np.exp(x),)

    with pytest.raises((RuntimeError, TypeError)):
        careless(minin.Tensor(put(np.ones(3), "strict")))


def test_an_array_made_without_like_is_noticed() -> None:
    """An array on the library's usual device does not meet one on the fake device."""

    @minin.differentiable
    def careless(x: Any) -> Any:
        xp = backend.namespace(x)
        return x + xp.zeros(3, dtype=x.dtype), lambda grad_y: (grad_y,)

    with pytest.raises((ValueError, RuntimeError)):
        careless(minin.Tensor(put(np.ones(3), "strict")))
