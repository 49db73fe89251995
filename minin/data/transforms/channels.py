"""Standardising: each channel with mean 0 and spread 1 over the training images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minin.data.standardise import Standardise, centred
from minin.data.transforms.specs import Spec, no_value
from minin.data.transforms.step import Floats, ImageShape, Learner, Training
from minin.errors import ShapeError

_ROUNDING = 2e-7  # a spread below this share of the mean is rounding alone


@dataclass(frozen=True)
class StandardiseChannels(Learner):
    """Do what `Standardise` does, on what earlier steps leave."""

    values: Standardise = field(default_factory=lambda: Standardise((0.0,), (1.0,)))
    number_names = ("mean", "std")

    @classmethod
    def read(cls, spec: Spec) -> StandardiseChannels:
        """Demand that no number is given."""
        no_value(spec)
        return cls()

    def fit(self, training: Training) -> StandardiseChannels:
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
        return StandardiseChannels(Standardise(tuple(mean.tolist()), tuple(std)))

    def saved(self, values: Mapping[str, Any]) -> StandardiseChannels:
        """Read mean and deviation."""
        return StandardiseChannels(Standardise.from_dict(values))

    def output_shape(self, shape: ImageShape) -> ImageShape:
        """Demand the channels of the training images."""
        if shape[0] != len(self.values.mean):
            raise ShapeError(
                f"images must come to 'standardise' with {len(self.values.mean)} channels, as"
                f" in fit; got (C, H, W) = {shape}"
            )
        return shape

    def numbers(self) -> dict[str, Any]:
        """Give mean and deviation."""
        return dict(self.values.to_dict())

    def __call__(self, floats: Floats) -> Floats:
        """Centre and divide.  Shapes: (N, C, H, W) -> (N, C, H, W)."""
        return centred(floats, self.values)
