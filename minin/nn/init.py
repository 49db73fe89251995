"""How weights start.

An initialiser is a function ``(shape, rng) -> array``. It draws float64 numbers on the
host, and the layer rounds them to its own dtype: a float32 and a float64 network of one
seed are the same network, on every device.

A unit sums ``fan_in`` products. If its weights have the variance 1 / fan_in, the sum keeps
the size of its inputs; ReLU then halves it, and a factor 2 makes up for that. Nine layers
deep, as in a Network in Network, this decides whether anything is left to learn from: with
a standard deviation of 0.05 everywhere, as published, the logits start near 0.014, with
`he_normal` near 1.4.

Papers: He et al. 2015, "Delving deep into rectifiers", section 2.2; Glorot and Bengio 2010,
"Understanding the difficulty of training deep feedforward neural networks", section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.backend import Shape
from minin.errors import ArgumentError, ShapeError
from minin.rng import Rng, generator

Weights: TypeAlias = npt.NDArray[np.float64]
Initialiser: TypeAlias = Callable[[Shape, Rng], Weights]


def fans(shape: Shape) -> tuple[int, int]:
    """Count what one unit sums (fan_in), and how many units one input reaches (fan_out).

    **Shapes:** (O, I, KH, KW) of a convolution, or (O, I) of a linear layer.

    Raises:
        ShapeError: if the shape has fewer than two axes, as a bias has.

    Example:
        >>> fans((192, 3, 5, 5))
        (75, 4800)
    """
    if len(shape) < 2:
        raise ShapeError(
            f"fan_in and fan_out need a weight of shape (O, I, ...); got {tuple(shape)}; "
            "start a bias with zeros"
        )
    cells = math.prod(shape[2:])
    return max(shape[1] * cells, 1), max(shape[0] * cells, 1)


def he_normal(shape: Shape, rng: Rng) -> Weights:
    """Draw from a normal distribution with the standard deviation sqrt(2 / fan_in).

    **Shapes:** (O, I, ...) -> an array of that shape.

    Example:
        >>> round(float(he_normal((64, 50, 3, 3), 0).std()), 2)  # sqrt(2 / 450)
        0.07
    """
    return _normal(shape, rng, math.sqrt(2 / fans(shape)[0]))


def he_uniform(shape: Shape, rng: Rng) -> Weights:
    """Draw evenly from -b to b with b = sqrt(6 / fan_in): the spread of `he_normal`.

    **Shapes:** (O, I, ...) -> an array of that shape.
    """
    return _uniform(shape, rng, math.sqrt(6 / fans(shape)[0]))


def xavier_normal(shape: Shape, rng: Rng) -> Weights:
    """Draw from a normal distribution with the variance 2 / (fan_in + fan_out).

    **Shapes:** (O, I, ...) -> an array of that shape.
    """
    return _normal(shape, rng, math.sqrt(2 / sum(fans(shape))))


def xavier_uniform(shape: Shape, rng: Rng) -> Weights:
    """Draw evenly from -b to b with b = sqrt(6 / (fan_in + fan_out)).

    **Shapes:** (O, I, ...) -> an array of that shape.
    """
    return _uniform(shape, rng, math.sqrt(6 / sum(fans(shape))))


def gaussian(std: float) -> Initialiser:
    """Return an initialiser of one standard deviation, whatever the shape.

    Args:
        std: the standard deviation, at least 0; published networks use 0.05 and 0.01.

    Raises:
        ArgumentError: if ``std`` is negative or not finite.

    Example:
        >>> gaussian(0.05)((10, 192, 1, 1), 0).shape
        (10, 192, 1, 1)
    """
    if not (isinstance(std, (int, float)) and 0 <= std < math.inf):
        raise ArgumentError(f"std must be a number of at least 0, got {std!r}")

    def initialise(shape: Shape, rng: Rng) -> Weights:
        return _normal(shape, rng, std)

    return initialise


def constant(value: float) -> Initialiser:
    """Return an initialiser that gives every weight the same ``value``.

    Example:
        >>> constant(0.5)((2,), 0)
        array([0.5, 0.5])
    """

    def initialise(shape: Shape, rng: Rng = None) -> Weights:  # noqa: ARG001 - draws nothing
        return np.full(shape, value, dtype=np.float64)

    return initialise


zeros: Initialiser = constant(0.0)


def _normal(shape: Shape, rng: Rng, std: float) -> Weights:
    return generator(rng).standard_normal(shape) * std


def _uniform(shape: Shape, rng: Rng, bound: float) -> Weights:
    drawn: Any = generator(rng).uniform(-bound, bound, shape)
    return drawn  # type: ignore[no-any-return]  # NumPy types a drawn array as float | array
