"""Broadcasting: what was stretched on the way in must be summed on the way back.

NumPy stretches in two ways. An axis that is missing in front is added, and an axis of length 1
is repeated: the gradient is summed over the first kind and over the second with keepdims.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    lengths,
    upstream,
)


def unbroadcast(grad: Array, shape: Sequence[int], bug: str | None) -> Array:
    """Sum a gradient down to the shape that was broadcast.

    Shapes: grad (...) -> shape, unless the bug leaves axes in.
    """
    new = tuple(range(grad.ndim - len(shape)))
    if new and bug != "G2":
        grad = _reduced_new(grad, new, bug)
    first = grad.ndim - len(shape)
    stretched = tuple(
        first + i for i, n in enumerate(shape) if n == 1 and grad.shape[first + i] > 1
    )
    return _reduce_stretched(grad, stretched, bug) if stretched else np.array(grad)


def _reduced_new(grad: Array, axes: tuple[int, ...], bug: str | None) -> Array:
    if bug == "G1":  # as many axes as needed, from the wrong end
        return np.asarray(grad.sum(axis=tuple(-1 - axis for axis in axes)))
    if bug == "G5":
        return np.asarray(grad.mean(axis=axes))
    return np.asarray(grad.sum(axis=axes))


def _reduce_stretched(grad: Array, axes: tuple[int, ...], bug: str | None) -> Array:
    if bug == "G3":
        return np.array(grad)
    if bug == "G3 mean":
        return np.asarray(grad.mean(axis=axes, keepdims=True))
    if bug == "G3 slice":
        first = tuple(slice(1) if i in axes else slice(None) for i in range(grad.ndim))
        return np.array(grad[first])
    if bug == "G3 keepdims":
        return np.asarray(grad.sum(axis=axes))
    return np.asarray(grad.sum(axis=axes, keepdims=True))


def broadcast_add(x: Array, y: Array) -> tuple[Array, Cache]:
    """Add, stretching what is smaller."""
    return np.asarray(x + y), (x, y)


def broadcast_add_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Pass the gradient on to both, each in its own shape."""
    x, y = cache
    grad = upstream(grad_y, bug)
    return unbroadcast(grad, x.shape, bug), unbroadcast(grad, y.shape, bug)


def broadcast_multiply(x: Array, y: Array) -> tuple[Array, Cache]:
    """Multiply, stretching what is smaller."""
    return np.asarray(x * y), (x, y)


def broadcast_multiply_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply by the other factor, then sum down to each shape."""
    x, y = cache
    grad = upstream(grad_y, bug)
    return unbroadcast(grad * y, x.shape, bug), unbroadcast(grad * x, y.shape, bug)


def draw_broadcast(rng: Rng) -> tuple[list[Array], Params]:
    """Draw a big array, and one with axes missing, of length 1, or both."""
    shape = lengths(rng, int(rng.integers(2, 5)), (2, 3, 4, 5))
    small = shape[int(rng.integers(0, len(shape))) :]
    if len(small) == len(shape) or (len(small) > 1 and coin(rng)):
        small[int(rng.integers(0, len(small)))] = 1
    return [distinct(rng, shape), distinct(rng, small)], {}


_SWITCHES = {
    **UPSTREAM,
    **dict.fromkeys(("G1", "G2", "G3", "G3 mean", "G3 slice", "G3 keepdims", "G5"), "y"),
}

BROADCAST_ADD = Reference(
    "broadcast_add", ("x", "y"), broadcast_add, broadcast_add_backward, draw_broadcast,
    _SWITCHES,
)  # fmt: skip
BROADCAST_MULTIPLY = Reference(
    "broadcast_multiply", ("x", "y"), broadcast_multiply, broadcast_multiply_backward,
    draw_broadcast,
    _SWITCHES,
)  # fmt: skip
