"""The same seed gives the same bits with any number of workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minin
from minin import models, ops, optim
from minin.fast.cpu import chain, workers
from minin.fast.cpu.winograd import Winograd
from tests.choice import mostly_thorough


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = workers._chosen
    yield
    workers._chosen = before


def trained(name: str, batch: int, count: int) -> list[Any]:
    """Take three steps with ``count`` workers; return losses and weights."""
    minin.set_num_threads(count)
    model = models.build(name, rng=0)
    stepper = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    rng = np.random.default_rng(0)
    found: list[Any] = []
    for _ in range(3):
        images = rng.standard_normal((batch, *model.input_shape)).astype(np.float32)
        loss = ops.cross_entropy(model(images), rng.integers(0, 10, batch))
        stepper.zero_grad()
        loss.backward()
        stepper.step()
        found.append(loss.data)
    return found + [parameter.data for parameter in model.parameters()]


@pytest.mark.parametrize(
    ("name", "batch"),
    mostly_thorough([("nin-digits", 64), ("nin-cifar10", 8)], lambda row: row[0] == "nin-digits"),
)
def test_one_two_three_and_eight_workers(
    name: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[int] = []
    winograd = Winograd

    def counted(*arguments: Any) -> Any:
        used.append(arguments[-1])
        return winograd(*arguments)

    monkeypatch.setattr(chain, "Winograd", counted)
    one = trained(name, batch, 1)
    assert bool(used) == (name == "nin-cifar10"), "Winograd has to be among what is compared"
    assert all(np.isfinite(value).all() for value in one)
    for count in (2, 3, 8):
        for got, wanted in zip(trained(name, batch, count), one, strict=True):
            np.testing.assert_array_equal(got, wanted)
