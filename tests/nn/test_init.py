"""Weights start with the spread that the papers ask for, and the same for the same seed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minin import nn
from minin.errors import ArgumentError, ShapeError
from minin.nn import init

SHAPE = (60, 40, 3, 3)
FAN_IN, FAN_OUT = 360, 540


def test_fans_of_convolutions_and_linear_layers() -> None:
    assert init.fans(SHAPE) == (FAN_IN, FAN_OUT)
    assert init.fans((10, 640)) == (640, 10)
    with pytest.raises(ShapeError, match="start a bias with zeros"):
        init.fans((10,))


@pytest.mark.parametrize(
    ("initialise", "std"),
    [
        (init.he_normal, math.sqrt(2 / FAN_IN)),
        (init.he_uniform, math.sqrt(2 / FAN_IN)),
        (init.xavier_normal, math.sqrt(2 / (FAN_IN + FAN_OUT))),
        (init.xavier_uniform, math.sqrt(2 / (FAN_IN + FAN_OUT))),
        (init.gaussian(0.05), 0.05),
    ],
)
def test_the_spread(initialise: Any, std: float) -> None:
    weights = initialise(SHAPE, 0)
    assert weights.shape == SHAPE
    assert weights.dtype == np.float64
    np.testing.assert_allclose(weights.std(), std, rtol=0.02)
    np.testing.assert_allclose(weights.mean(), 0, atol=std * 0.03)
    np.testing.assert_array_equal(weights, initialise(SHAPE, 0))
    assert not np.array_equal(weights, initialise(SHAPE, 1))


@pytest.mark.parametrize(
    ("initialise", "bound"),
    [
        (init.he_uniform, math.sqrt(6 / FAN_IN)),
        (init.xavier_uniform, math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ],
)
def test_uniform_draws_fill_their_bounds(initialise: Any, bound: float) -> None:
    weights = initialise(SHAPE, 0)
    assert bound * 0.999 < np.abs(weights).max() <= bound


def test_a_generator_goes_on_where_it_stands() -> None:
    rng = np.random.default_rng(0)
    assert not np.array_equal(init.he_normal(SHAPE, rng), init.he_normal(SHAPE, rng))


def test_constant_and_zeros() -> None:
    np.testing.assert_array_equal(init.constant(0.5)((2, 3), 0), np.full((2, 3), 0.5))
    np.testing.assert_array_equal(init.zeros((4,), 0), np.zeros(4))


@pytest.mark.parametrize("std", [-1.0, math.inf, math.nan, "0.1"])
def test_gaussian_refuses_what_is_no_deviation(std: Any) -> None:
    with pytest.raises(ArgumentError, match="std must be"):
        init.gaussian(std)


def test_layers_start_with_he_and_a_bias_of_zero() -> None:
    layer = nn.Conv2d(40, 60, 3, rng=0)
    np.testing.assert_allclose(layer.weight.data.std(), math.sqrt(2 / FAN_IN), rtol=0.02)
    assert layer.bias is not None
    assert not layer.bias.data.any()
