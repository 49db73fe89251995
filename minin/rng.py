"""Randomness: always an argument, the same for every library.

Numbers are drawn on the host, or are hashes of a key that was drawn there: a few integer
operations that every library has, with no state and in any order.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from minin.errors import ArgumentError

# In quotes, because numpy.random takes a while to load and is not always needed.
Rng: TypeAlias = "np.random.Generator | int | None"


def generator(rng: Rng, name: str = "rng") -> np.random.Generator:
    """Read ``rng`` as a NumPy Generator: a seed starts one, None an unpredictable one.

    Raises:
        ArgumentError: if it is neither a Generator, an int of at least 0, nor None.

    Example:
        >>> generator(0).integers(10) == generator(0).integers(10)
        np.True_
    """
    if isinstance(rng, np.random.Generator):
        return rng
    is_seed = isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0
    if rng is not None and not is_seed:
        raise ArgumentError(
            f"{name} must be a numpy.random.Generator or an int seed of at least 0, got {rng!r}"
        )
    return np.random.default_rng(rng)


def draw_keys(rng: Rng, count: int) -> list[int]:
    """Draw ``count`` numbers below 2**32: the keys of a counter-based random mask."""
    return [int(key) for key in generator(rng).integers(0, 2**32, size=count, dtype=np.uint64)]


def threshold(p: float) -> int:
    """Return what a hash must reach for its element to be kept."""
    return min(round(p * 2**32), 2**32 - 1)


# Shift down, xor, multiply; twice, and then shift and xor once more.
ROUNDS = ((16, 0x7FEB352D), (15, 0x846CA68B))
LAST_SHIFT = 16


def mix(x: Any) -> Any:
    """Scramble 32-bit numbers, one to one; multiplication wraps around.

    Source: the finaliser of C. Wellons' hash-prospector, found by search for low bias.
    """
    for shift, factor in ROUNDS:
        x = (x ^ (x >> shift)) * factor
    return x ^ (x >> LAST_SHIFT)
