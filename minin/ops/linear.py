"""Dense layers: linear, and the matrix product behind it."""

from __future__ import annotations

import math

from minin.autograd import differentiable
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.tensors import matmul as matmul
from minin.backend import Array, namespace, require


@differentiable
def linear(x: Array, weight: Array, bias: Array = None) -> OutputAndBackward:
    """Multiply each row by a weight matrix and add a bias.

    The fully connected head that global average pooling replaces (section 3.2 of the paper).

    Shapes: x (..., C), weight (O, C), bias (O) -> (..., O).

    Raises:
        ShapeError: if the shapes do not fit together.
        DtypeError: if an array holds no floats.

    Example:
        >>> x, weight = minin.tensor([[1.0, 2.0]]), minin.tensor([[3.0, 4.0], [5.0, 6.0]])
        >>> print(minin.ops.linear(x, weight).data)
        [[11. 17.]]
    """
    require.one_float_dtype("linear", x=x, weight=weight, bias=bias)
    xp = namespace(x)
    y = xp.matmul(x, xp.matrix_transpose(weight))  # (..., C) @ (C, O)
    has_bias = bias is not None
    if has_bias:
        y = y + bias  # (..., O)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        def grad_x() -> Array:
            return xp.matmul(grad_y, weight)  # (..., O) @ (O, C)

        def grad_weight() -> Array:
            return xp.matmul(xp.matrix_transpose(_rows(grad_y)), _rows(x))  # (O, N) @ (N, C)

        def grad_bias() -> Array:
            return xp.sum(_rows(grad_y), axis=0)  # (O,)

        return grad_x, grad_weight, grad_bias if has_bias else None

    return y, backward


def _rows(x: Array) -> Array:
    """Make one axis of all but the last.  Shapes: x (..., C) -> (N, C)."""
    if x.ndim == 2:
        return x
    return namespace(x).reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
