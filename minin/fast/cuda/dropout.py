"""Dropout: the plain rule's mask, number for number, hashed again in backward (dropout.cu)."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace, require
from minin.fast.coverage import is_covered
from minin.fast.cuda.launch import launch
from minin.fast.cuda.layout import as_it_lies, lies_behind, like_it
from minin.ops.dropout import dropout
from minin.rng import draw_keys, threshold


def covers(x: Array, *, p: float = 0.5, training: bool = True, **_: Any) -> bool:
    """Cover float32 and float64, at least one number, where some may be dropped."""
    require.floating("dropout", x=x)
    wanted = bool(training) and require.number("dropout", "p", p, 0, 1) > 0
    return wanted and is_covered(x) and x.size < 2**32


@dropout.accelerate("cupy", covers)
def fast_dropout(
    x: Array,
    *,
    p: float = 0.5,
    training: bool = True,  # noqa: ARG001  # the signature of the plain rule; covered is True
    rng: Any = None,
) -> OutputAndBackward:
    """Drop numbers as they lie in memory."""
    first, second = (np.uint32(key) for key in draw_keys(rng, 2))
    limit, scale = np.uint32(threshold(p)), 1 / (1 - p) if p < 1 else 0.0
    shape = x.shape

    def scaled(numbers: Array, behind: bool) -> Array:
        """Drop and scale.  Shapes: numbers (...) -> (...)."""
        flat = as_it_lies(numbers, behind)
        out = namespace(flat).empty(flat.shape, dtype=flat.dtype)
        channels = shape[1] if behind else 1
        pixels = shape[2] * shape[3] if behind else flat.size
        sizes = (out.size, pixels, channels)
        values = (first, second, limit, float(scale))
        launch("dropout", out.size, flat, out, *sizes, *values, like=out)
        return like_it(out, shape, behind)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (scaled(grad_y, lies_behind(grad_y)),)

    return scaled(x, lies_behind(x)), backward
