"""Many numbers into one: sum, mean, max."""

from __future__ import annotations

from typing import Any

from minin import backend
from minin.autograd import declare_branch, differentiable
from minin.autograd.methods import kept_shape
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.tensors import mean as mean
from minin.autograd.tensors import sum as sum
from minin.backend import Array, namespace, require
from minin.errors import ShapeError


@differentiable
def max(x: Array, *, axis: Any = None, keepdims: bool = False) -> OutputAndBackward:
    """Take the largest number along ``axis`` (None: of all); a tie splits the gradient.

    NaN wins over every number, and receives the gradient.

    Shapes: x (...) -> (the axes that are left).

    Args:
        x: any numbers.
        axis: None, an int or a tuple of ints.
        keepdims: keep the reduced axes, with length 1.

    Raises:
        DtypeError: if x holds no floats.
        ShapeError: if an axis does not exist, or there is no number along it.

    Example:
        >>> minin.ops.max(minin.tensor([[1.0, 5.0], [7.0, 2.0]]), axis=1).data
        array([5., 7.], dtype=float32)
    """
    require.floating("max", x=x)
    xp, shape = namespace(x), x.shape
    axes = require.axes("max", axis, x.ndim)
    kept = kept_shape(shape, axes)
    if 0 in shape and 0 not in kept:
        raise ShapeError(f"max: there is no number to choose from in shape {tuple(shape)}")
    largest = backend.zeros(kept, like=x) if 0 in shape else xp.max(x, axis=axes, keepdims=True)
    wins = (x == largest) | xp.isnan(x)  # (...): true at every winner
    declare_branch("winner", wins)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        share = xp.astype(wins, grad_y.dtype)
        share = share / xp.sum(share, axis=axes, keepdims=True)
        return (share * xp.reshape(grad_y, kept),)

    if keepdims:
        return largest, backward
    return xp.reshape(largest, tuple(n for a, n in enumerate(shape) if a not in axes)), backward
