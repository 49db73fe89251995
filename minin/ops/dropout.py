"""Dropout: train with a random part of the numbers set to 0.

The mask is the same on every array library. A call takes its key from ``rng`` on the host, and
element number i is dropped if a hash of (key, i) falls below p.
"""

from __future__ import annotations

import math
from typing import Any

from minin import backend
from minin.autograd import differentiable
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array, Shape, namespace, require
from minin.rng import Rng, draw_keys, mix, threshold


def keep_mask(shape: Shape, p: float, rng: Rng, like: Array) -> Array:
    """Draw True with probability 1 - p for each element, from one key of ``rng``.

    Shapes: -> (shape).
    """
    xp = namespace(like)
    first, second = draw_keys(rng, 2)
    number = backend.arange(math.prod(shape), like=like, dtype=xp.uint32)
    hashed = mix(mix(number ^ first) ^ second)
    return xp.reshape(hashed >= threshold(p), shape)


@differentiable
def dropout(
    x: Array, *, p: float = 0.5, training: bool = True, rng: Any = None
) -> OutputAndBackward:
    """Set each number to 0 with probability p and scale the others by 1 / (1 - p).

    The scale keeps the expected value, so that nothing has to change when training ends: with
    ``training=False`` the numbers pass through.

    Shapes: x (...) -> (...).

    Args:
        x: any numbers.
        p: the probability of dropping one, from 0 to 1.
        training: whether to drop at all.
        rng: a NumPy Generator, from which one key is taken; an int seed; or None for an
            unpredictable mask.

    Raises:
        ArgumentError: if p is no probability.
        DtypeError: if x holds no floats.

    Example:
        >>> import numpy as np
        >>> minin.ops.dropout(np.ones(8), p=0.5, rng=0).data
        array([2., 0., 0., 2., 2., 0., 2., 0.])

    Source: the paper's section 4.1 puts it after all but the last mlpconv layer.
    """
    require.floating("dropout", x=x)
    p = require.number("dropout", "p", p, 0, 1)
    if not training or p == 0:
        return x, lambda grad_y: (grad_y,)
    xp = namespace(x)
    mask = keep_mask(x.shape, p, rng, like=x)
    scale = 1 / (1 - p) if p < 1 else 0.0
    factor = xp.astype(mask, x.dtype) * scale  # 0 or 1 / (1 - p); NaN * 0 stays NaN

    return x * factor, lambda grad_y: (grad_y * factor,)
