"""Global contrast normalisation: every image equally bright and equally rich in contrast.

    x <- x - mean(x)                     over all pixels and channels of one image
    x <- norm * x / ||x||

The published networks for CIFAR saw such images, with the norm 55, which is about the root
of 3 * 32 * 32: a mean square of 1 a pixel.

Source: Goodfellow et al., ICML 2013 (Maxout Networks), whose preprocessing the paper took.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minin.data.transforms.specs import Spec, amount
from minin.data.transforms.step import Floats, Transform

_USUAL = 55.0
_ROUNDING = 1e-6  # contrast below this share of an image's length is rounding alone


@dataclass(frozen=True)
class ContrastNormalise(Transform):
    """Give each image mean 0 and the length ``norm``; one without contrast becomes 0."""

    norm: float

    @classmethod
    def read(cls, spec: Spec) -> ContrastNormalise:
        """Read the norm."""
        return cls(amount(spec, _USUAL))

    def apply(self, floats: Floats) -> Floats:
        """Centre and stretch each image.  Shapes: (N, C, H, W) -> (N, C, H, W)."""
        flat = floats.reshape(len(floats), math.prod(floats.shape[1:]))  # (N, D)
        # Sums in double precision: the mean of equal pixels is then that pixel exactly.
        mean = flat.mean(axis=1, dtype=np.float64, keepdims=True)  # (N, 1)
        flat = flat - mean.astype(np.float32)
        contrast = np.sqrt(np.square(flat).sum(axis=1, dtype=np.float64, keepdims=True))
        length = np.hypot(contrast, math.sqrt(flat.shape[1]) * mean)  # before centring
        flat_image = contrast <= _ROUNDING * length
        factor = np.where(flat_image, 0.0, self.norm / np.where(flat_image, 1.0, contrast))
        flat *= factor.astype(np.float32)
        out: Floats = flat.reshape(floats.shape)
        return out
