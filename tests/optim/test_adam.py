"""Adam by hand and against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import Tensor, optim
from minin.errors import ArgumentError
from tests.optim.torch_twin import assert_same_path


@pytest.mark.parametrize("slope", [1e-3, 1.0, -1e3])
def test_the_first_step_is_as_long_as_the_rate_whatever_the_slope(slope: float) -> None:
    w = Tensor(np.zeros(2), requires_grad=True)
    w.grad = np.full(2, slope)
    optim.Adam([w], lr=0.25, eps=0.0).step()
    np.testing.assert_allclose(w.data, -0.25 * np.sign(slope), rtol=1e-12)


def test_a_slope_of_nought_divides() -> None:
    w = Tensor(np.ones(2), requires_grad=True)
    w.grad = np.zeros(2)
    optim.Adam([w], lr=0.25).step()
    np.testing.assert_array_equal(w.data, np.ones(2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"betas": 0.9}, "betas must be a pair"),
        ({"betas": (0.9,)}, "betas must be a pair"),
        ({"betas": (0.9, 1.0)}, r"betas\[1\] must be"),
        ({"betas": (-0.1, 0.9)}, r"betas\[0\] must be"),
        ({"eps": -1e-8}, "eps must be"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        optim.Adam([Tensor(np.ones(1), requires_grad=True)], **options)


@pytest.mark.peers
@pytest.mark.parametrize(
    "options",
    [{}, {"weight_decay": 0.1}, {"betas": (0.5, 0.9), "eps": 1e-3}],
)
def test_twenty_steps_are_those_of_torch(options: dict[str, Any]) -> None:
    import torch

    assert_same_path(
        lambda groups: optim.Adam(groups, lr=0.05, **options),
        lambda groups: torch.optim.Adam(groups, lr=0.05, **options),
    )
