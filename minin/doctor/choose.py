"""How many images the doctor looks at, and which."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from minin.doctor.inputs import Images
from minin.doctor.judge import Labels

USUAL: Final = 256
A_CLASS: Final = 8  # where 256 are too few for this many of every class
PIXELS: Final = 2**22  # 83 images of 224x224: what a few gigabytes hold, gradients and all
LEAST: Final = 64


def most(shape: tuple[int, ...], classes: int = 0) -> int:
    """Return the most images to look at, of this ``shape`` (N, C, H, W).

    Example:
        >>> most((1000, 3, 32, 32)), most((1000, 3, 32, 32), 100), most((1000, 3, 224, 224))
        (256, 800, 83)
    """
    fit = PIXELS // max(math.prod(shape[2:]), 1)
    return max(min(max(USUAL, A_CLASS * classes), fit), LEAST)


def evenly(images: Images, labels: Labels) -> tuple[Images, Labels]:
    """Take that many of the images, evenly spaced: sorted ones still show every class."""
    fits = isinstance(images, np.ndarray) and isinstance(labels, np.ndarray)
    if not fits or len(images) != len(labels) or not len(labels):
        return images, labels  # `look` says what is wrong
    count = min(most(images.shape, len(np.unique(labels))), len(labels))
    chosen = np.linspace(0, len(labels) - 1, count).round().astype(int)
    return images[chosen], labels[chosen]
