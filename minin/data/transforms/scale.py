"""Scaling to the range from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.data.transforms.specs import Spec, no_value
from minin.data.transforms.step import Floats, Learner, Training
from minin.errors import DataError


@dataclass(frozen=True)
class Scale(Learner):
    """Divide by the brightest pixel of the training images: 255 in most sets.

    Sets differ in it (the bundled digits end at 16), so it is looked up and not assumed.
    """

    white: float = 1.0
    number_names = ("white",)

    @classmethod
    def read(cls, spec: Spec) -> Scale:
        """Demand that no number is given."""
        no_value(spec)
        return cls()

    def learn(self, training: Training) -> Scale:
        """Find the brightest pixel; black images are divided by 1."""
        return Scale(max(float(chunk.max()) for chunk in training.chunks()) or 1.0)

    def saved(self, values: Mapping[str, Any]) -> Scale:
        """Read the brightest pixel."""
        white = values["white"]
        is_number = isinstance(white, (int, float)) and not isinstance(white, bool)
        if not is_number or not 0 < white < math.inf:
            raise DataError(f"white must be a finite number above 0; got {white!r:.60}")
        return Scale(float(white))

    def numbers(self) -> dict[str, Any]:
        """Give the brightest pixel."""
        return {"white": self.white}

    def apply(self, floats: Floats) -> Floats:
        """Divide.  Shapes: (N, C, H, W) -> (N, C, H, W)."""
        floats /= np.float32(self.white)
        return floats
