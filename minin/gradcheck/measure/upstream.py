"""What is sent through forward and backward, so that a bug has nowhere to hide.

An upstream gradient is never ones: a backward that ignores it, sums it or permutes it would
pass. All its numbers differ, in size and sign.
"""

from __future__ import annotations

import numpy as np

from minin.backend import Array


def draw_upstream(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw an upstream gradient: distinct sizes from 0.5 to 1.5 in random order, signs mixed.

    Example:
        >>> g = draw_upstream((4,), np.random.default_rng(0))
        >>> bool(len(set(np.abs(g))) == 4 and g.min() < 0 < g.max())
        True
    """
    size = int(np.prod(shape, dtype=int))
    sizes = rng.permutation(0.5 + (np.arange(size) + rng.uniform(0.1, 0.9)) / max(size, 1))
    signs = rng.permutation(np.where(np.arange(size) % 2 == 0, 1.0, -1.0))
    return np.asarray(sizes * signs).reshape(shape)
