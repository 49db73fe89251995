"""Standardising: each channel with mean 0 and spread 1 over the training images.

It can stand alone, from bytes to floats, or be the last of several steps (`Preprocess`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.transforms.specs import Spec, no_value
from minin.data.transforms.step import Floats, ImageShape, Learner, Training
from minin.errors import ArgumentError, DataError, DtypeError, ShapeError

_ROUNDING = 2e-7  # a spread below this share of the mean is rounding alone
_CHUNK = 1024  # images counted at a time, so that memory does not grow with the set


@dataclass(frozen=True)
class Standardise(Learner):
    """Subtract each channel's mean and divide by its standard deviation.

    Fit it on the training images alone, and use the same numbers on every other image, in
    evaluation and years later in prediction; `to_dict` is there to keep them with a run.

    Args:
        mean: one a channel, in the units of the stored pixels.
        std: one a channel, in the same units. A channel that never changes has 0 and is
            divided by 1, so that it becomes 0 and not NaN.

    Raises:
        ArgumentError: if the two differ in length, or a number is not finite or below 0.

    Example:
        >>> pixels = np.array([0, 4], dtype=np.uint8).reshape(2, 1, 1, 1)
        >>> standardise = Standardise.fit(pixels)
        >>> standardise
        Standardise(mean=(2.0,), std=(2.0,))
        >>> standardise(pixels).ravel()
        array([-1.,  1.], dtype=float32)
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    number_names = ("mean", "std")

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", _numbers("mean", self.mean))
        object.__setattr__(self, "std", _numbers("std", self.std))
        if len(self.mean) != len(self.std) or not self.mean or min(self.std) < 0:
            raise ArgumentError(
                "mean and std must have one number a channel, and std none below 0;"
                f" got mean {self.mean} and std {self.std}"
            )

    @classmethod
    def fit(cls, images: npt.NDArray[np.uint8]) -> Standardise:
        """Measure mean and standard deviation of each channel.

        A byte has 256 values, so a histogram of each channel holds all that is needed: the
        result is exact, and no float copy of the images is made.

        **Shapes:** images (N, C, H, W) -> C means and C deviations.

        Args:
            images: the training images, uint8.

        Raises:
            DtypeError: if images is not a NumPy array of uint8.
            ShapeError: if it is not of shape (N, C, H, W) or is empty.
        """
        check_images(images)
        if images.size == 0:
            raise ShapeError(f"images must hold at least one pixel; got shape {images.shape}")
        values = np.arange(256.0)
        mean, std = [], []
        for channel in range(images.shape[1]):
            counts = np.zeros(256)
            for start in range(0, len(images), _CHUNK):
                pixels = images[start : start + _CHUNK, channel]  # (n, H, W)
                counts += np.bincount(pixels.ravel(), minlength=256)
            centre = counts @ values / counts.sum()
            variance = counts @ (values - centre) ** 2 / counts.sum()
            mean.append(float(centre))
            std.append(math.sqrt(variance))
        return cls(tuple(mean), tuple(std))

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Make floats of a batch; the batch itself stays as it is.

        **Shapes:** images (N, C, H, W) of uint8 -> (N, C, H, W) of float32.

        Args:
            images: the pixels as they were loaded.

        Raises:
            DtypeError: if images is not a NumPy array of uint8.
            ShapeError: if it is not of shape (N, C, H, W) with the C of `fit`.
        """
        check_images(images)
        if images.shape[1] != len(self.mean):
            raise ShapeError(
                f"images must have {len(self.mean)} channels, as in fit; got shape {images.shape}"
            )
        return self.apply(images.astype(np.float32))

    @classmethod
    def read(cls, spec: Spec) -> Standardise:
        """Demand that no number is given."""
        no_value(spec)
        return cls((0.0,), (1.0,))

    def learn(self, training: Training) -> Standardise:
        """Add up chunk by chunk, in double precision.

        The spread of two parts is their own spreads and that between their means (Chan,
        Golub, LeVeque, 1979), so no sum of large squares has to be taken off another.
        """
        channels = training.shape[0]
        count, mean, spread = 0, np.zeros(channels), np.zeros(channels)
        for chunk in training.chunks():
            new = chunk.size // channels
            share = new / (count + new)
            off = chunk.mean(axis=(0, 2, 3), dtype=np.float64) - mean  # (C,)
            within = chunk.var(axis=(0, 2, 3), dtype=np.float64)
            mean = mean + off * share
            spread = spread + (within - spread) * share + off * off * share * (1 - share)
            count += new
        std = [
            0.0 if math.sqrt(square) <= _ROUNDING * abs(centre) else math.sqrt(square)
            for square, centre in zip(spread.tolist(), mean.tolist(), strict=True)
        ]
        return Standardise(tuple(mean.tolist()), tuple(std))

    def output_shape(self, shape: ImageShape) -> ImageShape:
        """Demand the channels of the training images."""
        if shape[0] != len(self.mean):
            raise ShapeError(
                f"images must come to 'standardise' with {len(self.mean)} channels, as"
                f" in fit; got (C, H, W) = {shape}"
            )
        return shape

    def apply(self, floats: Floats) -> Floats:
        """Centre and divide.  Shapes: (N, C, H, W) -> (N, C, H, W)."""
        spread = [deviation or 1.0 for deviation in self.std]
        floats -= np.array(self.mean, dtype=np.float32).reshape(-1, 1, 1)  # (C, 1, 1)
        floats /= np.array(spread, dtype=np.float32).reshape(-1, 1, 1)  # (C, 1, 1)
        return floats

    def to_dict(self) -> dict[str, list[float]]:
        """Give the numbers in a form that JSON keeps exactly.

        Example:
            >>> Standardise((2.0,), (0.5,)).to_dict()
            {'mean': [2.0], 'std': [0.5]}
        """
        return {"mean": list(self.mean), "std": list(self.std)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Standardise:
        """Read back what `to_dict` gave.

        Args:
            values: a mapping with the keys "mean" and "std", and no other.

        Raises:
            DataError: if a key is missing or unknown, or its numbers make no sense.

        Example:
            >>> Standardise.from_dict({"mean": [2.0], "std": [0.5]})
            Standardise(mean=(2.0,), std=(0.5,))
        """
        if not isinstance(values, Mapping) or set(values) != {"mean", "std"}:
            came = sorted(map(str, values)) if isinstance(values, Mapping) else values
            raise DataError(f"standardisation must have the keys mean and std; got {came!r}")
        try:
            return cls(values["mean"], values["std"])
        except ArgumentError as error:
            raise DataError(f"saved standardisation: {error}") from error

    def saved(self, values: Mapping[str, Any]) -> Standardise:
        """Read mean and deviation."""
        return self.from_dict(values)

    def numbers(self) -> dict[str, Any]:
        """Give mean and deviation."""
        return dict(self.to_dict())


def _numbers(name: str, values: Any) -> tuple[float, ...]:
    """Read a sequence of finite numbers."""
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        numbers = (math.nan,)
    if not all(map(math.isfinite, numbers)):
        raise ArgumentError(f"{name} must be a sequence of finite numbers; got {values!r}")
    return numbers


def check_images(images: Any) -> None:
    """Demand bytes as they were loaded.  Shapes: images (N, C, H, W).

    Raises:
        DtypeError: if images is not a NumPy array of uint8.
        ShapeError: if it has not four axes.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        came = getattr(images, "dtype", type(images).__name__)
        raise DtypeError(
            f"images must be a NumPy array of uint8, as loaded; got {came}."
            " Floats are standardised already, or need a scale of their own"
        )
    if images.ndim != 4:
        raise ShapeError(
            f"images must have shape (N, C, H, W); got {images.shape}."
            " One image: image[None]; grey images without a channel: images[:, None]"
        )
