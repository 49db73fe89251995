"""The layers without a window: `ReLU`, `Dropout`, `Flatten` and `Linear`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minin import ops
from minin.autograd import Tensor
from minin.backend import Array, Shape
from minin.errors import ArgumentError, ShapeError
from minin.nn.init import Initialiser, he_normal, zeros
from minin.nn.module import Module, parameter
from minin.rng import Rng, generator
from minin.shapes import integer


class ReLU(Module):
    """Keep what is positive."""

    def forward(self, x: Tensor | Array) -> Tensor:
        """Compute max(x, 0).

        **Shapes:** x (...) -> (...).
        """
        return ops.relu(x)

    def output_shape(self, shape: Shape) -> Shape:
        """Leave the shape as it is."""
        return shape

    def label(self) -> str:
        """Name the layer."""
        return "relu"


class Dropout(Module):
    """While training, set each number to 0 with the probability p, and scale the others up.

    After ``eval()`` everything passes unchanged. The layer owns its random source, so two
    networks of one seed drop the same numbers, whatever else draws in between.

    Args:
        p: the probability to *drop*, from 0 to 1.
        rng: a NumPy Generator or a seed; None drops other numbers each time.

    Raises:
        ArgumentError: if p is no probability.

    Example:
        >>> layer = Dropout(0.5, rng=0)
        >>> layer(np.ones((2, 4), dtype=np.float32)).shape
        (2, 4)
        >>> layer.eval()(np.ones(3, dtype=np.float32)).numpy()
        array([1., 1., 1.], dtype=float32)

    Source:
        Lin, Chen and Yan 2013, section 4.1: after all mlpconv layers but the last.
    """

    def __init__(self, p: float = 0.5, rng: Rng = None) -> None:
        self.p = probability("p", p)
        self.rng = generator(rng)

    def forward(self, x: Tensor | Array) -> Tensor:
        """Drop.

        **Shapes:** x (...) -> (...).
        """
        return ops.dropout(x, p=self.p, training=self.training, rng=self.rng)

    def output_shape(self, shape: Shape) -> Shape:
        """Leave the shape as it is."""
        return shape

    def label(self) -> str:
        """Name the layer and its probability."""
        return f"dropout {self.p:g}"

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p:g}"


class Flatten(Module):
    """Make one row of each image.

    Args:
        start_dim: the first axis that is merged; 1 keeps the images apart.

    Example:
        >>> Flatten().output_shape((64, 6, 6))
        (2304,)
    """

    def __init__(self, start_dim: int = 1) -> None:
        self.start_dim = integer("start_dim", start_dim, least=0)

    def forward(self, x: Tensor | Array) -> Tensor:
        """Merge the axes.

        **Shapes:** x (N, C, H, W) -> (N, C*H*W).
        """
        return ops.flatten(x, start_dim=self.start_dim)

    def output_shape(self, shape: Shape) -> Shape:
        """Compute (C, H, W) -> (C*H*W,).

        Raises:
            ShapeError: if the images of a batch would be merged, or there is no such axis.
        """
        keep = self.start_dim - 1
        if not 0 <= keep < max(len(shape), 1):
            raise ShapeError(
                f"Flatten(start_dim={self.start_dim}) does not fit an image of {shape}; "
                "start_dim=1 makes one row of each image"
            )
        return (*shape[:keep], math.prod(shape[keep:]))

    def label(self) -> str:
        """Name the layer."""
        return "flatten"

    def extra_repr(self) -> str:
        """Show a start other than 1."""
        return "" if self.start_dim == 1 else f"start_dim={self.start_dim}"


class Linear(Module):
    """Multiply each row by a matrix, and add a bias: the fully connected layer.

    Args:
        in_features: the numbers in a row.
        out_features: the numbers in a row of the output.
        bias: add one number to each output.
        dtype: of the parameters, float32 or float64.
        rng: where the weights come from, a NumPy Generator or a seed.
        init: how the weights start; the bias starts at 0.

    Raises:
        ArgumentError: if an argument is none of the above.

    Example:
        >>> Linear(640, 10, rng=0).weight.shape
        (10, 640)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
        init: Initialiser = he_normal,
    ) -> None:
        self.in_features = integer("in_features", in_features)
        self.out_features = integer("out_features", out_features)
        self.weight = parameter((out_features, in_features), init, rng, dtype)
        self.bias = parameter((out_features,), zeros, None, dtype) if bias else None

    def forward(self, x: Tensor | Array) -> Tensor:
        """Compute x times the weight's transpose, plus the bias.

        **Shapes:** x (..., F) -> (..., O).
        """
        return ops.linear(x, self.weight, self.bias)

    def output_shape(self, shape: Shape) -> Shape:
        """Compute (F,) -> (O,).

        Raises:
            ShapeError: if the rows have another length.
        """
        if shape[-1:] != (self.in_features,):
            raise ShapeError(
                f"Linear takes rows of {self.in_features} numbers, got {shape}; put a "
                "Flatten before it, or build it with that many in_features"
            )
        return (*shape[:-1], self.out_features)

    def macs(self, shape: Shape) -> int:
        """Count in_features * out_features a row."""
        return math.prod(self.output_shape(shape)) * self.in_features

    def label(self) -> str:
        """Name the layer."""
        return "linear"

    def extra_repr(self) -> str:
        """Show both lengths."""
        no_bias = ", bias=False" if self.bias is None else ""
        return f"{self.in_features}, {self.out_features}{no_bias}"


def probability(name: str, value: Any) -> float:
    """Read ``value`` as a probability, a number from 0 to 1.

    Raises:
        ArgumentError: if it is none.

    Example:
        >>> probability("dropout", 0.5)
        0.5
    """
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise ArgumentError(f"{name} must be a probability from 0 to 1, got {value!r}")
    return float(value)
