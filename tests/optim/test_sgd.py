"""SGD by hand and against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import Tensor, optim
from minin.errors import ArgumentError
from tests.optim.torch_twin import assert_same_path


def moved(steps: int = 1, **options: Any) -> list[float]:
    """Where a weight that starts at 1 is after steps along a slope of 1, rate 0.5."""
    w = Tensor(np.ones(1), requires_grad=True)
    optimiser = optim.SGD([w], lr=0.5, **options)
    path = []
    for _ in range(steps):
        w.grad = np.ones(1)
        optimiser.step()
        path.append(float(w.data[0]))
    return path


def test_plain_steps() -> None:
    assert moved(2) == [0.5, 0.0]


def test_momentum_adds_up_slopes() -> None:
    assert moved(2, momentum=0.5) == [0.5, -0.25]  # velocities 1 and 1.5


def test_nesterov_looks_ahead() -> None:
    assert moved(2, momentum=0.5, nesterov=True) == [0.25, -0.625]  # 1.5 and 1.75


def test_weight_decay_pulls_towards_nought() -> None:
    assert moved(1, weight_decay=1.0) == [0.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"momentum": 1.0}, "momentum must be at least 0 and below 1"),
        ({"momentum": -0.1}, "momentum must be"),
        ({"momentum": "much"}, "momentum must be"),
        ({"nesterov": True}, "needs a momentum above 0"),
        ({"weight_decay": -1}, "weight_decay must be"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        moved(**options)


@pytest.mark.peers
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "weight_decay": 0.1},
        {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
        {"weight_decay": 0.1},
    ],
)
def test_twenty_steps_are_those_of_torch(options: dict[str, Any]) -> None:
    import torch

    assert_same_path(
        lambda groups: optim.SGD(groups, lr=0.05, **options),
        lambda groups: torch.optim.SGD(groups, lr=0.05, **options),
    )
