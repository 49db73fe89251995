"""Functions of one number, applied to each: the non-linearities, and their slopes.

Each rule is a pair of lines: the function, and its derivative times the gradient that comes
in. Where a function has a kink, the slope taken there is stated.
"""

from __future__ import annotations

import math

from minin import backend
from minin.autograd import declare_branch, differentiable
from minin.autograd.operators import Gradient, OutputAndBackward, specs, unbroadcast
from minin.backend import Array, namespace, require


@differentiable
def relu(x: Array) -> OutputAndBackward:
    """Keep the positive part; the gradient at 0 is 0.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.relu(minin.tensor([-1.0, 0.0, 2.0])).data
        array([0., 0., 2.], dtype=float32)

    Source: the non-linearity of the paper's equations 1 and 2.
    """
    require.floating("relu", x=x)
    xp = namespace(x)
    nothing = backend.zeros((), like=x)
    mask = x > 0  # NaN is not above 0 ...
    declare_branch("mask", mask)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (xp.where(mask, grad_y, nothing),)

    return xp.maximum(x, nothing), backward  # ... but stays NaN


@differentiable
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> OutputAndBackward:
    """Keep the positive part and a little of the negative.  Shapes: x (...) -> (...).

    Args:
        x: any numbers.
        negative_slope: the slope at and below 0.

    Raises:
        DtypeError: if x holds no floats.
        ArgumentError: if the slope is no number.

    Example:
        >>> minin.ops.leaky_relu(minin.tensor([-1.0, 2.0]), 0.5).data
        array([-0.5,  2. ], dtype=float32)
    """
    require.floating("leaky_relu", x=x)
    slope = require.number("leaky_relu", "negative_slope", negative_slope, -math.inf, math.inf)
    xp = namespace(x)
    mask = x > 0
    declare_branch("mask", mask)

    return xp.where(mask, x, slope * x), lambda grad_y: (xp.where(mask, grad_y, slope * grad_y),)


@differentiable
def sigmoid(x: Array) -> OutputAndBackward:
    """Squeeze into (0, 1): 1 / (1 + exp(-x)), without overflow.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.sigmoid(minin.tensor([0.0, 1e4])).data
        array([0.5, 1. ], dtype=float32)
    """
    require.floating("sigmoid", x=x)
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))  # in (0, 1]
    y = xp.where(x >= 0, backend.ones((), like=x), e) / (1 + e)

    return y, lambda grad_y: (grad_y * y * (1 - y),)


@differentiable
def tanh(x: Array) -> OutputAndBackward:
    """Squeeze into (-1, 1).  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.tanh(minin.tensor([0.0])).data
        array([0.], dtype=float32)
    """
    require.floating("tanh", x=x)
    y = namespace(x).tanh(x)

    return y, lambda grad_y: (grad_y * (1 - y * y),)


@differentiable
def exp(x: Array) -> OutputAndBackward:
    """Raise e to the power x.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.exp(minin.tensor([0.0])).data
        array([1.], dtype=float32)
    """
    require.floating("exp", x=x)
    y = namespace(x).exp(x)

    return y, lambda grad_y: (grad_y * y,)


@differentiable
def log(x: Array) -> OutputAndBackward:
    """Take the natural logarithm.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.log(minin.tensor([1.0])).data
        array([0.], dtype=float32)
    """
    require.floating("log", x=x)

    return namespace(x).log(x), lambda grad_y: (grad_y / x,)


@differentiable
def sqrt(x: Array) -> OutputAndBackward:
    """Take the square root; the gradient at 0 is infinite.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.sqrt(minin.tensor([9.0])).data
        array([3.], dtype=float32)
    """
    require.floating("sqrt", x=x)
    y = namespace(x).sqrt(x)

    return y, lambda grad_y: (grad_y / (2 * y),)


@differentiable
def abs(x: Array) -> OutputAndBackward:
    """Drop the sign; the gradient at 0 is 0.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.

    Example:
        >>> minin.ops.abs(minin.tensor([-2.0, 3.0])).data
        array([2., 3.], dtype=float32)
    """
    require.floating("abs", x=x)
    xp = namespace(x)
    sign = xp.sign(x)
    declare_branch("sign", sign)

    return xp.abs(x), lambda grad_y: (grad_y * sign,)


@differentiable
def maximum(x: Array, y: Array) -> OutputAndBackward:
    """Keep the larger of two numbers; a tie splits the gradient.

    NaN wins over every number; of two NaN the first.

    Shapes: x (...), y (...) -> (...).

    Raises:
        DtypeError: if an array holds no floats.
        ShapeError: if the shapes do not broadcast.

    Example:
        >>> minin.ops.maximum(minin.tensor([1.0, 5.0]), 3.0).data
        array([3., 5.], dtype=float32)
    """
    x_spec, y_spec = specs("maximum", x, y)
    require.floating("maximum", **{n: a for n, a in (("x", x), ("y", y)) if hasattr(a, "dtype")})
    x = x if x_spec else backend.full((), x, like=y)
    y = y if y_spec else backend.full((), y, like=x)
    xp = namespace(x)
    out = xp.maximum(x, y)
    x_wins, tied = (x > y) | xp.isnan(x), x == y
    declare_branch("winner", x_wins)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        one, half, none = (backend.full((), share, like=grad_out) for share in (1.0, 0.5, 0.0))
        x_share = xp.where(tied, half, xp.where(x_wins, one, none))
        grad_x = unbroadcast(grad_out * x_share, x_spec)
        return grad_x, unbroadcast(grad_out * (1 - x_share), y_spec)

    return out, backward
