"""Random numbers that belong to an image and not to a moment.

A generator gives its numbers in the order in which it is asked, so what an image gets would
depend on the batch size, on the images before it and on threads. Here the image's own number
is hashed instead, with keys that stand for the seed, the epoch and the transform.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin.rng import mix


def draw_below(
    bound: int, seed: int, epoch: int, place: tuple[int, ...], indices: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.int64]:
    """Draw a number from 0 to ``bound - 1`` for each image.

    **Shapes:** indices (N,) -> (N,).

    Args:
        bound: how many outcomes there are, at most 2**31.
        seed: of the run.
        epoch: of the run.
        place: which draw of which transform.
        indices: each image's number in the training set, below 2**32.

    Example:
        >>> draw_below(6, seed=0, epoch=1, place=(0, 0), indices=np.arange(5))
        array([0, 1, 1, 2, 1])
    """
    source = np.random.SeedSequence(seed, spawn_key=(epoch, *place))
    first, second = source.generate_state(2)  # of 32 bits each
    hashed = mix(mix(indices.astype(np.uint32) ^ first) ^ second)  # (N,)
    below: npt.NDArray[np.int64] = (hashed.astype(np.int64) * bound) >> 32
    return below
