"""Numbers and shapes that leave a bug nowhere to hide.

All values of an array differ, by far more than any difference step, and none is 0: no tie
and no kink by accident. The axes of one drawing have different lengths, so that a swapped
pair changes a shape or at least every number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Params

Rng = np.random.Generator


def distinct(rng: Rng, shape: Sequence[int], reach: float = 2.0) -> Array:
    """Draw an array whose numbers are shuffled, evenly spaced from -reach to reach, never 0."""
    size = int(np.prod(shape, dtype=int))
    ladder = np.arange(size) - size // 2 + 0.4  # steps of one, off zero
    return np.asarray(rng.permutation(ladder) * (2.0 * reach / max(size, 2))).reshape(shape)


def limit_within(x: Array) -> float:
    """Choose a limit that half of the numbers exceed in size and none comes near."""
    sizes = np.sort(np.abs(x), axis=None)
    return float(sizes[x.size // 2 - 1 : x.size // 2 + 1].mean())


def lengths(rng: Rng, count: int, pool: Sequence[int] = (2, 3, 4, 5, 7)) -> list[int]:
    """Draw ``count`` different lengths for the axes."""
    return [int(n) for n in rng.permutation(np.asarray(pool))[:count]]


def coin(rng: Rng, chance: float = 0.5) -> bool:
    """Throw a coin that comes up True with the given chance."""
    return bool(rng.random() < chance)


def upstream(grad_y: Array, bug: str | None) -> Array:
    """Pass the incoming gradient on, unless the bug is in how it is used at all."""
    if bug == "A6":
        return -grad_y
    if bug == "A11":
        return np.ones_like(grad_y)
    if bug == "A12":
        return np.asarray(grad_y * grad_y)
    return grad_y


# The switches that `upstream` knows; every op has them.
UPSTREAM: dict[str, str | None] = {"A6": None, "A11": None, "A12": None}


def image_lengths(rng: Rng, count: int) -> tuple[list[int], tuple[int, int]]:
    """Draw ``count`` leading lengths (batch, channels) and (H, W), all different."""
    leading = lengths(rng, count, (2, 3, 4) if count > 2 else (2, 3, 4, 5))
    rest = [n for n in (5, 6, 7, 8, 9) if n not in leading]
    height, width = lengths(rng, 2, rest)
    return leading, (height, width)


def kernel_lengths(rng: Rng, size: tuple[int, int]) -> tuple[int, int]:
    """Draw (KH, KW): unequal as a rule, now and then 1x1 or the whole image."""
    kind = rng.random()
    if kind < 0.1:
        return 1, 1
    if kind < 0.2:
        return size
    kh, kw = lengths(rng, 2, (1, 2, 3, 4))
    return kh, kw


def stride_and_pad(rng: Rng, kernel: tuple[int, int]) -> Params:
    """Draw a stride from 1 to 3 and a padding of less than the kernel, each an int or a pair."""
    low, high = (int(n) for n in rng.integers(1, 4, size=2))
    stride = (low, high) if coin(rng, 0.3) else low
    # Less than the kernel, so that no window lies on padding alone.
    top, left = (int(rng.integers(1, min(k, 3))) if k > 1 else 0 for k in kernel)
    pad = (top, left) if coin(rng, 0.5) else min(top, left)
    return {"stride": stride, "pad": 0 if coin(rng, 0.25) else pad}


def same_padding(rng: Rng) -> tuple[tuple[int, int], Params]:
    """Draw an even kernel and the padding that keeps the size: one pixel more behind."""
    kernel = (2, 4) if coin(rng) else (4, 2)
    return kernel, {"pad": tuple(((k - 1) // 2, k // 2) for k in kernel)}
