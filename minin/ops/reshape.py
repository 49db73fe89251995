"""The same numbers in another place: reshape, transpose, flatten, concatenate, pad2d, where.

Each of these moves numbers and changes none, so its backward moves gradients the other way. They
come in adjoint pairs: reshape and reshape, transpose and transpose, pad and crop,
concatenate and split.
"""

from __future__ import annotations

import math
from typing import Any

from minin import backend
from minin.autograd import differentiable
from minin.autograd.operators import Gradient, OutputAndBackward, specs, unbroadcast
from minin.autograd.tensors import reshape as reshape
from minin.autograd.tensors import transpose as transpose
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.shapes import Margins, Pair, Window, margins


def pad(x: Array, border: Margins, value: float = 0.0) -> Array:
    """Set images into a larger frame.

    Shapes: x (N, C, H, W) -> (N, C, H + top + bottom, W + left + right).
    """
    (top, bottom), (left, right) = border
    if border == ((0, 0), (0, 0)):
        return x
    n, c, h, w = x.shape
    framed = backend.full((n, c, top + h + bottom, left + w + right), value, like=x)
    framed[:, :, top : top + h, left : left + w] = x
    return framed


def crop(x: Array, border: Margins, size: Pair) -> Array:
    """Take images of ``size`` out of their frame again: the adjoint of `pad`.

    Shapes: x (N, C, H + top + bottom, W + left + right) -> (N, C, H, W).
    """
    (top, _), (left, _) = border
    return x[:, :, top : top + size[0], left : left + size[1]]


@differentiable
def pad2d(x: Array, *, padding: Any, value: float = 0.0) -> OutputAndBackward:
    """Put a border of ``value`` around images.

    Shapes: x (N, C, H, W) -> (N, C, H + top + bottom, W + left + right).

    Args:
        x: images.
        padding: int, (PH, PW) or ((top, bottom), (left, right)), pixels.
        value: the border's numbers.

    Raises:
        ShapeError: if x has not four axes.
        ArgumentError: if padding has none of these forms, or is more than any image has.

    Example:
        >>> print(minin.ops.pad2d(minin.tensor([[[[5.0]]]]), ((0, 0), (1, 2))).data)
        [[[[0. 5. 0. 0.]]]]
    """
    border, size = margins("padding", padding), (x.shape[2], x.shape[3])
    Window((1, 1), padding=border).demand_room(size, size)
    require.number("pad2d", "value", value, -math.inf, math.inf)
    return pad(x, border, value), lambda grad_y: (crop(grad_y, border, size),)


@differentiable
def flatten(x: Array, *, start_dim: int = 1) -> OutputAndBackward:
    """Join all axes from ``start_dim`` on into one.

    Shapes: x (...) -> (..., D).

    Raises:
        ShapeError: if x has no such axis.

    Example:
        >>> minin.ops.flatten(minin.tensor([[[1.0, 2.0], [3.0, 4.0]]])).shape
        (1, 4)
    """
    require.arrays("flatten", x=x)
    (start,) = require.axes("flatten", (start_dim,), x.ndim)
    joined = math.prod(x.shape[start:])
    return reshape.rule(x, shape=(*x.shape[:start], joined))  # type: ignore[no-any-return]


@differentiable
def concatenate(xs: list[Array], *, axis: int = 0) -> OutputAndBackward:
    """Join arrays end to end along one axis.

    Shapes: xs [(..., M, ...), (..., N, ...)] -> (..., M + N, ...).

    Raises:
        ShapeError: if there is no array, or if shapes differ off the axis.
        DtypeError: if xs is no list or tuple.

    Example:
        >>> minin.ops.concatenate([minin.tensor([1.0]), minin.tensor([2.0, 3.0])]).data
        array([1., 2., 3.], dtype=float32)
    """
    if not isinstance(xs, list):
        raise DtypeError("concatenate: xs must be a list or tuple of arrays; write [x, y]")
    if not xs:
        raise ShapeError("concatenate: xs must hold at least one array, got an empty list")
    require.arrays("concatenate", **{f"xs[{place}]": x for place, x in enumerate(xs)})
    (along,) = require.axes("concatenate", (axis,), xs[0].ndim)
    off_axis = [(*x.shape[:along], *x.shape[along + 1 :]) for x in xs]
    if any(x.ndim != xs[0].ndim for x in xs) or any(s != off_axis[0] for s in off_axis):
        raise ShapeError(
            f"concatenate: shapes must agree in all axes but axis {axis}, "
            f"got {', '.join(str(tuple(x.shape)) for x in xs)}"
        )
    lengths, dtypes = [x.shape[along] for x in xs], [x.dtype for x in xs]

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        parts, start = [], 0
        for length, dtype in zip(lengths, dtypes, strict=True):
            key = (slice(None),) * along + (slice(start, start + length), ...)
            parts.append(unbroadcast(grad_y[key], (grad_y[key].shape, dtype)))
            start += length
        return (parts,)

    return namespace(xs[0]).concat(xs, axis=along), backward


@differentiable
def where(mask: Array, x: Array, y: Array) -> OutputAndBackward:
    """Take x where the mask is true and y elsewhere.

    Shapes: mask (...), x (...), y (...) -> (...).

    Raises:
        DtypeError: if the mask does not hold booleans.
        ShapeError: if the shapes do not broadcast.

    Example:
        >>> x = minin.tensor([-1.0, 2.0])
        >>> minin.ops.where(x > 0, x, 0.0).data
        array([0., 2.], dtype=float32)
    """
    if not hasattr(mask, "dtype") or not require.is_kind(mask, "bool"):
        raise DtypeError(
            f"where: mask must hold booleans, got {getattr(mask, 'dtype', type(mask).__name__)}; "
            "compare something, as in where(x > 0, x, y)"
        )
    if not hasattr(x, "dtype") and not hasattr(y, "dtype"):
        raise ArgumentError("where: x or y must be an array, got two numbers")
    x_spec, y_spec = specs("where", x, y)
    for operand in (x, y):
        specs("where", mask, operand)
    xp = namespace(mask)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        nothing = backend.zeros((), like=grad_out)

        def grad_x() -> Array:
            return unbroadcast(xp.where(mask, grad_out, nothing), x_spec)

        def grad_y() -> Array:
            return unbroadcast(xp.where(mask, nothing, grad_out), y_spec)

        return None, grad_x, grad_y

    return xp.where(mask, x, y), backward
