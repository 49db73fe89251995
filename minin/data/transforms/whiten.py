"""ZCA whitening: pixels that no longer tell on each other.

Neighbouring pixels are much alike, and a first layer spends its steps on that. Whitening
turns the images so that all D numbers of one are uncorrelated with variance 1, and among
all such turns it takes the one that changes the images least:

    covariance = V diag(l) V^T           of the training images, D x D
    x <- V diag(1 / sqrt(l + eps)) V^T (x - mean)

eps keeps directions that hardly vary, which are mostly noise, from being blown up.

Source: Krizhevsky, 2009 (Learning Multiple Layers of Features), appendix A; eps = 0.1 as in
Goodfellow et al., ICML 2013, after global contrast normalisation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.transforms.specs import Spec, amount
from minin.data.transforms.step import Floats, ImageShape, Learner, Training
from minin.errors import ArgumentError, DataError, ShapeError
from minin.shapes import integer

_USUAL = 0.1
_LARGEST = 4096  # numbers an image; the matrix has the square, and its roots take the cube
_ROWS = 8  # images a product: few enough that a library treats all of them alike


@dataclass(frozen=True, eq=False)
class Whiten(Learner):
    """Take the mean off and multiply by a matrix.

    Attributes:
        eps: what is added to each variance.
        shape: (C, H, W) of the images, C * H * W = D.
        mean: (D,).
        matrix: (D, D), symmetric.
    """

    eps: float
    shape: ImageShape = (0, 0, 0)
    mean: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    matrix: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    number_names = ("shape",)
    array_names = ("mean", "matrix")

    @classmethod
    def read(cls, spec: Spec) -> Whiten:
        """Read eps."""
        return cls(amount(spec, _USUAL))

    def learn(self, training: Training) -> Whiten:
        """Measure mean and covariance in double precision, and take its inverse root."""
        shape = training.shape
        size = math.prod(shape)
        if size > _LARGEST:
            raise ArgumentError(
                f"transform 'zca' takes images of at most {_LARGEST} numbers, because its matrix "
                f"has the square of that; got {shape}, {size} numbers. Resize to fewer first"
            )
        count, total, squares = 0, np.zeros(size), np.zeros((size, size))
        for chunk in training.chunks():
            flat = chunk.reshape(len(chunk), size).astype(np.float64)  # (n, D)
            count += len(flat)
            total += flat.sum(axis=0)
            squares += flat.T @ flat  # (D, D)
        mean = total / count
        squares /= count
        squares -= np.outer(mean, mean)
        values, vectors = np.linalg.eigh(squares)  # (D,), (D, D)
        roots = 1 / np.sqrt(values.clip(min=0) + self.eps)
        matrix = (vectors * roots) @ vectors.T
        return Whiten(self.eps, shape, mean.astype(np.float32), matrix.astype(np.float32))

    def saved(self, values: Mapping[str, Any]) -> Whiten:
        """Check the saved arrays against the shape."""
        shape = values["shape"]
        if not isinstance(shape, list) or len(shape) != 3:
            raise DataError(f"shape must be [C, H, W]; got {shape!r:.60}")
        c, h, w = (integer("shape", n) for n in shape)
        size = c * h * w
        for name, wanted in (("mean", (size,)), ("matrix", (size, size))):
            array = values[name]
            if array.dtype != np.float32 or array.shape != wanted:
                raise DataError(
                    f"zca.{name} must be float32 of shape {wanted}; got {array.dtype} of shape"
                    f" {array.shape}"
                )
            if not np.isfinite(array).all():
                raise DataError(f"zca.{name} must hold finite numbers; it does not")
        return Whiten(self.eps, (c, h, w), values["mean"].copy(), values["matrix"].copy())

    def output_shape(self, shape: ImageShape) -> ImageShape:
        """Demand the shape of the training images."""
        if shape != self.shape:
            raise ShapeError(
                f"images must come to 'zca' with (C, H, W) = {self.shape}, as in fit; got {shape}"
            )
        return shape

    def numbers(self) -> dict[str, Any]:
        """Give the shape."""
        return {"shape": list(self.shape)}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give mean and matrix."""
        return {"mean": self.mean.copy(), "matrix": self.matrix.copy()}

    def apply(self, floats: Floats) -> Floats:
        """Whiten.  Shapes: (N, C, H, W) -> (N, C, H, W).

        Every product has the same few rows, the last one filled up. A library sums in an
        order that depends on how many rows there are, and in a large product on the row;
        an image's last bits must not depend on its neighbours.
        """
        size = len(self.mean)
        flat = floats.reshape(len(floats), size) - self.mean  # (N, D)
        out = np.empty_like(flat)
        for start in range(0, len(flat), _ROWS):
            rows = flat[start : start + _ROWS]  # (R, D)
            if len(rows) < _ROWS:
                rows = np.concatenate([rows, np.zeros_like(flat, shape=(_ROWS - len(rows), size))])
            out[start : start + _ROWS] = (rows @ self.matrix)[: len(flat) - start]
        return out.reshape(floats.shape)
