"""The rules behind the few methods of a Tensor, and behind indexing, on plain arrays.

They are written as those in `operators` are: the output, and a function that takes grad_out back.
"""

from __future__ import annotations

import math
from typing import Any

from minin import backend
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, Shape, namespace, require
from minin.errors import ArgumentError, OutOfRangeError, ShapeError

# ---- reductions ---------------------------------------------------------------------------


def kept_shape(shape: Shape, axes: tuple[int, ...]) -> Shape:
    """Return ``shape`` with 1 in the place of each of the ``axes``: keepdims' shape."""
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


def sum(x: Array, *, axis: Any = None, keepdims: bool = False) -> OutputAndBackward:
    """Add up the numbers along ``axis`` (None: all).

    Every number counts once, so every one receives the gradient of the sum.

    Shapes: x (...) -> (the axes that are left).

    Raises:
        ShapeError: if an axis does not exist.
    """
    require.arrays("sum", x=x)
    xp, shape = namespace(x), x.shape
    axes = require.axes("sum", axis, x.ndim)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        return (xp.broadcast_to(xp.reshape(grad_out, kept_shape(shape, axes)), shape),)

    return xp.sum(x, axis=axes, keepdims=keepdims), backward


def mean(x: Array, *, axis: Any = None, keepdims: bool = False) -> OutputAndBackward:
    """Average the numbers along ``axis`` (None: all).

    Shapes: x (...) -> (the axes that are left).

    Raises:
        DtypeError: if x does not hold floats.
        ShapeError: if an axis does not exist, or if there is no number to average.
    """
    require.floating("mean", x=x)
    xp, shape = namespace(x), x.shape
    axes = require.axes("mean", axis, x.ndim)
    count = math.prod(shape[axis] for axis in axes)
    if count == 0 and 0 not in kept_shape(shape, axes):
        raise ShapeError(f"mean: there is no number to average in shape {tuple(shape)}")

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        share = xp.reshape(grad_out / count, kept_shape(shape, axes))
        return (xp.broadcast_to(share, shape),)

    reduce = xp.mean if count else xp.sum  # of no numbers at all: as empty, without a warning
    return reduce(x, axis=axes, keepdims=keepdims), backward


# ---- the same numbers, in another layout ----------------------------------------------------


def reshape(x: Array, *, shape: Any) -> OutputAndBackward:
    """Lay the numbers out in another shape, in row-major order; one -1 is worked out.

    Shapes: x (...) -> (shape).

    Raises:
        ShapeError: if the shape does not hold as many numbers as x.
    """
    require.arrays("reshape", x=x)
    wanted = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(hasattr(n, "__index__") and n >= -1 for n in wanted) or wanted.count(-1) > 1:
        raise ArgumentError(f"reshape: shape must be ints, at most one of them -1; got {shape!r}")
    xp, before = namespace(x), x.shape
    size, known = math.prod(before), math.prod(n for n in wanted if n != -1)
    if (known != size) if -1 not in wanted else (known == 0 or size % known != 0):
        raise ShapeError(
            f"reshape: shape {wanted} cannot hold the {size} numbers of shape {tuple(before)}"
        )
    return xp.reshape(x, wanted), lambda grad_out: (xp.reshape(grad_out, before),)


def transpose(x: Array, *, axes: Any = None) -> OutputAndBackward:
    """Permute the axes; None reverses them.  Shapes: x (...) -> (permuted).

    Raises:
        ShapeError: if ``axes`` is no permutation of x's axes.
    """
    require.arrays("transpose", x=x)
    order = require.axes("transpose", axes, x.ndim)
    order = order[::-1] if axes is None else order
    if len(order) != x.ndim:
        raise ShapeError(f"transpose: axes must name each of the {x.ndim} axes once, got {axes!r}")
    xp = namespace(x)
    back = tuple(order.index(axis) for axis in range(x.ndim))
    return xp.permute_dims(x, order), lambda grad_out: (xp.permute_dims(grad_out, back),)


def getitem(x: Array, *, key: Any) -> OutputAndBackward:
    """Read part of an array: ints, slices, None, Ellipsis, or arrays of integers.

    A number that is read twice receives both gradients, so repeated indices add up.

    Shapes: x (...) -> (what NumPy's indexing gives).

    Raises:
        OutOfRangeError: if the key does not fit the shape.
    """
    shape, parts = x.shape, key if isinstance(key, tuple) else (key,)
    gathers = any(isinstance(part, list) or backend.is_array(part) for part in parts)
    if gathers:
        parts = tuple(backend.asarray(p, like=x) if isinstance(p, list) else p for p in parts)
    elif not any(part is Ellipsis for part in parts):
        parts = (*parts, Ellipsis)
    # None only adds an axis of length 1; the gradients are put back where the rest points.
    places = parts if gathers else tuple(part for part in parts if part is not None)
    try:
        out = x[parts]
        read = out if len(places) == len(parts) else x[places]
    except (IndexError, TypeError) as error:
        raise OutOfRangeError(f"index {key!r} does not fit shape {tuple(shape)}: {error}") from None
    read_shape = read.shape

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        grad = backend.zeros(shape, like=grad_out)
        if gathers:
            backend.add_at(grad, places, grad_out)
        else:
            grad[places] = namespace(grad_out).reshape(grad_out, read_shape)
        return (grad,)

    return out, backward
