"""Arguments for the fast rules."""

from __future__ import annotations

from typing import Any

import numpy as np


def mlpconv_arguments(
    n: int, c: int, size: int, maps: tuple[int, ...], k: int, dtype: str = "float32", seed: int = 0
) -> tuple[Any, list[Any], list[Any]]:
    """Draw images, weights and biases.

    Shapes: -> x (n, c, size, size), weights [(maps[0], c, k, k), (maps[1], maps[0], 1, 1), ...].
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, c, size, size)).astype(dtype)
    weights, biases, before = [], [], c
    for layer, count in enumerate(maps):
        side = k if layer == 0 else 1
        scale = 1 / np.sqrt(before * side * side)
        weights.append((rng.standard_normal((count, before, side, side)) * scale).astype(dtype))
        biases.append((rng.standard_normal(count) / 4).astype(dtype))
        before = count
    return x, weights, biases
