"""Slopes by central differences: the small, slow truth that backward is compared with.

It imports nothing from minin. A checker that cannot fail is worthless, so it is itself tested,
in test_numeric.py, on rules that are wrong on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Forward: TypeAlias = Callable[..., Array]

STEP = 1e-5  # the error of a central difference is about STEP**2 + 1e-16 / STEP


def slope_along(
    forward: Forward, arrays: Sequence[Array], directions: Sequence[Array], cotangent: Array
) -> float:
    """Slope of <cotangent, forward(arrays)> when every array moves along its direction."""
    ahead = forward(*[a + STEP * d for a, d in zip(arrays, directions, strict=True)])
    behind = forward(*[a - STEP * d for a, d in zip(arrays, directions, strict=True)])
    return float(np.sum(cotangent * (ahead - behind)) / (2 * STEP))


def dense_gradient(
    forward: Forward, arrays: Sequence[Array], place: int, cotangent: Array
) -> Array:
    """Gradient of <cotangent, forward(arrays)> along arrays[place], number by number."""
    gradient = np.zeros(arrays[place].shape)
    for index in np.ndindex(*arrays[place].shape):
        directions = [np.zeros(a.shape) for a in arrays]
        directions[place][index] = 1.0
        gradient[index] = slope_along(forward, arrays, directions, cotangent)
    return gradient


def check_gradients(
    forward: Forward,
    arrays: Sequence[Array],
    gradients: Sequence[Array],
    cotangent: Array,
    rng: np.random.Generator,
    *,
    dense: bool = False,
    tolerance: float = 1e-7,
) -> None:
    """Raise AssertionError unless the gradients agree with the differences.

    Args:
        forward: takes the arrays, returns the output; float64.
        arrays: where the slope is taken.
        gradients: what backward gave for each array, for this cotangent.
        cotangent: the slope of the loss along the output; random, never ones.
        rng: draws the direction.
        dense: compare number by number instead of along one random direction.
        tolerance: of the difference, relative to the size of the numbers added up.
    """
    for array, gradient in zip(arrays, gradients, strict=True):
        assert gradient.shape == array.shape, f"{gradient.shape} for an array of {array.shape}"
    if dense:
        for place, gradient in enumerate(gradients):
            numeric = dense_gradient(forward, arrays, place, cotangent)
            scale = max(1.0, float(np.max(np.abs(numeric), initial=0.0)))
            np.testing.assert_allclose(gradient, numeric, rtol=0, atol=tolerance * scale)
        return
    directions = [rng.normal(size=a.shape) for a in arrays]
    numeric_slope = slope_along(forward, arrays, directions, cotangent)
    terms = [g * d for g, d in zip(gradients, directions, strict=True)]
    slope = sum(float(np.sum(t)) for t in terms)
    scale = max(1.0, sum(float(np.sum(np.abs(t))) for t in terms))
    np.testing.assert_allclose(slope, numeric_slope, rtol=0, atol=tolerance * scale)
