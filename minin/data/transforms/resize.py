"""Bilinear resizing: each new pixel is a mean of the four old ones around it.

Pixels are squares and their values sit in the middle; so the centre of new pixel i lies at
(i + 1/2) * old / new - 1/2 in the old image's own count. Outside the outermost centres the
border's value goes on. Shrinking looks at four pixels too: nothing is smoothed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.data.transforms.specs import Spec, pixels
from minin.data.transforms.step import Floats, ImageShape, Transform


@dataclass(frozen=True)
class Resize(Transform):
    """Make every image ``size`` rows high and as many columns wide."""

    size: int

    @classmethod
    def read(cls, spec: Spec) -> Resize:
        """Read the size."""
        return cls(pixels(spec))

    def output_shape(self, shape: ImageShape) -> ImageShape:
        """Keep the channels."""
        return shape[0], self.size, self.size

    def apply(self, floats: Floats) -> Floats:
        """Resize columns, then rows.  Shapes: (N, C, H, W) -> (N, C, size, size)."""
        if floats.shape[2:] == (self.size, self.size):
            return floats
        return _along(_along(floats, 3, self.size), 2, self.size)


def _along(floats: Floats, axis: int, size: int) -> Floats:
    """Resize one axis."""
    before, after, share = _neighbours(floats.shape[axis], size)
    shares = share.reshape((-1, 1) if axis == 2 else (-1,))  # beside (..., H, W)
    mixed = np.take(floats, before, axis)
    mixed *= 1 - shares
    other = np.take(floats, after, axis)
    other *= shares
    mixed += other
    return mixed


def _neighbours(old: int, new: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Any]:
    """Find, for each new place, the two old ones beside it, and the second one's share.

    In float32, as PyTorch does it: so both take the same neighbours.
    """
    step = np.float32(old) / np.float32(new)
    places = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * step - np.float32(0.5)
    places = places.clip(0, old - 1)  # (new,)
    before = places.astype(np.intp)
    after = np.minimum(before + 1, old - 1)
    return before, after, places - before.astype(np.float32)
