"""The rules behind Python's operators, on plain arrays.

Each rule returns its output and a function: given grad_out, the gradient of the loss along the
output (the upstream gradient), it returns one gradient per array argument. One may be a function
of no arguments, called only if that argument needs its gradient. A plain Python number may stand
for an array; it has no gradient. Elsewhere the upstream gradient is called grad_y; here y is an
argument, with a gradient of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from numpy import ndarray

from minin import backend
from minin.backend import Array, Shape, namespace
from minin.errors import ShapeError

Gradient: TypeAlias = Any  # an array, a function of no arguments that returns one, or None
OutputAndBackward: TypeAlias = tuple[Array, Callable[[Array], tuple[Gradient, ...]]]
Spec: TypeAlias = tuple[Shape, Any] | None  # (shape, dtype); None for a Python number


def work_out(gradient: Gradient) -> Array:
    """Return a gradient as an array, also where backward returned a function that makes it."""
    return gradient() if callable(gradient) else gradient


# ---- broadcasting: stretch forward, sum backward ----------------------------------------


def specs(op: str, x: Array, y: Array) -> tuple[Spec, Spec]:
    """Note shape and dtype of both operands, once it is clear that they broadcast.

    Operands of one shape and dtype get the same spec, the very same object.

    Raises:
        ShapeError: if they do not.
        DtypeError: if an operand is neither an array nor a number.
    """
    x_spec = (x.shape, x.dtype) if type(x) is ndarray else _spec(op, "x", x)
    y_spec = (y.shape, y.dtype) if type(y) is ndarray else _spec(op, "y", y)
    if x_spec == y_spec:
        return x_spec, x_spec
    if x_spec and y_spec and x_spec[0] != y_spec[0]:
        tails = zip(reversed(x_spec[0]), reversed(y_spec[0]), strict=False)
        if any(m != n and m != 1 and n != 1 for m, n in tails):
            raise ShapeError(
                f"{op}: shapes {tuple(x_spec[0])} and {tuple(y_spec[0])} do not broadcast: "
                "aligned at the right, each pair of axes must be equal or one of them 1; "
                "reshape one of them"
            )
    return x_spec, y_spec


def _spec(op: str, name: str, x: Any) -> Spec:
    if isinstance(x, (int, float)) and not hasattr(x, "shape"):
        return None
    backend.require.arrays(op, **{name: x})
    return x.shape, x.dtype


def unbroadcast(grad: Array, spec: Spec) -> Array:
    """Sum a gradient over the axes along which its argument was stretched.

    Stretching copies a number to many places, so its gradient is the sum of theirs.

    Shapes: grad (the broadcast shape) -> (the argument's shape).
    """
    if spec is None:
        return None
    shape, dtype = spec
    if grad.shape != shape:
        xp = namespace(grad)
        lead = grad.ndim - len(shape)
        stretched = tuple(
            axis
            for axis in range(grad.ndim)
            if axis < lead or (shape[axis - lead] == 1 and grad.shape[axis] != 1)
        )
        grad = xp.reshape(xp.sum(grad, axis=stretched, keepdims=True), shape)
    same = grad.dtype is dtype or grad.dtype == dtype
    return grad if same else namespace(grad).astype(grad, dtype)


# ---- arithmetic ---------------------------------------------------------------------------


def add(x: Array, y: Array) -> OutputAndBackward:
    """Add two arrays.  Shapes: x (...), y (...) -> (...)."""
    x_spec, y_spec = specs("add", x, y)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        if x_spec is y_spec:
            return grad_out, grad_out  # neither was stretched
        return unbroadcast(grad_out, x_spec), unbroadcast(grad_out, y_spec)

    return x + y, backward


def subtract(x: Array, y: Array) -> OutputAndBackward:
    """Subtract y from x.  Shapes: x (...), y (...) -> (...)."""
    x_spec, y_spec = specs("subtract", x, y)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        return unbroadcast(grad_out, x_spec), unbroadcast(-grad_out, y_spec)

    return x - y, backward


def multiply(x: Array, y: Array) -> OutputAndBackward:
    """Multiply two arrays, number by number.  Shapes: x (...), y (...) -> (...)."""
    x_spec, y_spec = specs("multiply", x, y)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        def grad_x() -> Array:
            return unbroadcast(grad_out * y, x_spec)

        def grad_y() -> Array:
            return unbroadcast(grad_out * x, y_spec)

        return grad_x, grad_y

    out = x * y
    if y_spec is None:
        x = None  # only the gradient of a plain number, which nobody asks for, would need it
    elif x_spec is None:
        y = None
    return out, backward


def divide(x: Array, y: Array) -> OutputAndBackward:
    """Divide x by y.  Shapes: x (...), y (...) -> (...)."""
    x_spec, y_spec = specs("divide", x, y)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        def grad_x() -> Array:
            return unbroadcast(grad_out / y, x_spec)

        def grad_y() -> Array:
            return unbroadcast(-grad_out * x / (y * y), y_spec)

        return grad_x, grad_y

    out = x / y
    if y_spec is None:
        x = None  # only the gradient of a plain number, which nobody asks for, would need it
    return out, backward


def power(x: Array, y: Array) -> OutputAndBackward:
    """Raise x to the power y.  Shapes: x (...), y (...) -> (...).

    The gradient of x at an exponent of 0 is 0 everywhere, also at x = 0. The gradient of y is
    x**y log x; at x = 0 its limit for y > 0, which is 0, is taken.
    """
    x_spec, y_spec = specs("power", x, y)
    if y_spec is None and y < 0:
        backend.require.floating("power", x=x)  # an int has no negative powers

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        xp = namespace(grad_out)

        def grad_x() -> Array:
            if y_spec is None:
                derivative = y * x ** (y - 1) if y != 0 else 0 * x
            else:
                derivative = xp.where(y == 0, 0 * x, y * x ** xp.where(y == 0, 0 * y, y - 1))
            return unbroadcast(grad_out * derivative, x_spec)

        def grad_y() -> Array:
            if x_spec is None:
                log_number = math.log(x) if x > 0 else 0.0 if x == 0 else math.nan
                return unbroadcast(grad_out * x**y * log_number, y_spec)
            log_x = xp.log(xp.where(x == 0, 0 * x + 1, x))
            return unbroadcast(grad_out * x**y * log_x, y_spec)

        return grad_x, grad_y

    return x**y, backward


def negative(x: Array) -> OutputAndBackward:
    """Change the sign.  Shapes: x (...) -> (...)."""
    return -x, lambda grad_out: (-grad_out,)


def matmul(x: Array, y: Array) -> OutputAndBackward:
    """Multiply two matrices, or two stacks of them.

    A vector on the left counts as one row, on the right as one column; the axis that was
    added for it is taken out of the result. Stacks broadcast.

    Shapes: x (..., M, K) or (K), y (..., K, N) or (K) -> (..., M, N), (..., M),
    (..., N) or ().

    Raises:
        ShapeError: if an operand has no axis, or if the two K differ.
        DtypeError: if an operand is no array.
    """
    backend.require.arrays("matmul", x=x, y=y)
    if x.ndim == 0 or y.ndim == 0 or x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0]:
        raise ShapeError(
            "matmul: the last axis of x must be as long as the second-to-last of y "
            f"(the only one of a vector), got shapes {tuple(x.shape)} and {tuple(y.shape)}; "
            "transpose one of them"
        )
    x_spec, y_spec = (x.shape, x.dtype), (y.shape, y.dtype)
    if x.ndim == 1:
        x = x[None, :]  # (1, K)
    if y.ndim == 1:
        y = y[:, None]  # (K, 1)
    specs("matmul", x[..., :1, :1], y[..., :1, :1])  # the stacks broadcast
    xp = namespace(x)
    out = xp.matmul(x, y)  # (..., M, N)
    full_shape = out.shape
    lost = [axis for axis, spec in ((-2, x_spec), (-1, y_spec)) if len(spec[0]) == 1]
    shape = tuple(n for axis, n in enumerate(full_shape, -len(full_shape)) if axis not in lost)

    def backward(grad_out: Array) -> tuple[Gradient, ...]:
        grad = xp.reshape(grad_out, full_shape)  # (..., M, N)

        def grad_x() -> Array:
            grad_rows = xp.matmul(grad, xp.matrix_transpose(y))  # (..., M, K)
            return _refit(grad_rows, x.shape, x_spec)

        def grad_y() -> Array:
            grad_columns = xp.matmul(xp.matrix_transpose(x), grad)  # (..., K, N)
            return _refit(grad_columns, y.shape, y_spec)

        return grad_x, grad_y

    return xp.reshape(out, shape), backward


def _refit(grad: Array, stretched_from: Shape, spec: tuple[Shape, Any]) -> Array:
    summed = unbroadcast(grad, (stretched_from, spec[1]))
    return namespace(grad).reshape(summed, spec[0])
