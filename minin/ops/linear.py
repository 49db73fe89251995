"""Dense layers: linear, and the matrix product behind it."""

from __future__ import annotations

from minin.autograd import differentiable
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.autograd.tensors import matmul as matmul
from minin.backend import Array, namespace, require
from minin.errors import ShapeError


@differentiable
def linear(x: Array, weight: Array, bias: Array = None) -> OutputAndBackward:
    """Multiply each row by a weight matrix and add a bias.

    The fully connected head that global average pooling replaces (section 3.2 of the paper).

    Shapes: x (N, C), weight (O, C), bias (O) -> (N, O).

    Raises:
        ShapeError: if the shapes do not fit together.
        DtypeError: if an array holds no floats.

    Example:
        >>> import minin
        >>> x, weight = minin.tensor([[1.0, 2.0]]), minin.tensor([[3.0, 4.0], [5.0, 6.0]])
        >>> print(minin.ops.linear(x, weight).data)
        [[11. 17.]]
    """
    require.axes("linear", "N C", x=x)
    require.axes("linear", "O C", weight=weight)
    require.floating("linear", x=x, weight=weight)
    require.one_dtype("linear", x=x, weight=weight)
    if x.shape[1] != weight.shape[1]:
        raise ShapeError(
            f"linear: weight must have shape (O, {x.shape[1]}) for x of shape {tuple(x.shape)}, "
            f"got {tuple(weight.shape)}"
        )
    xp = namespace(x)
    y = xp.matmul(x, xp.matrix_transpose(weight))  # (N, C) @ (C, O)
    has_bias = bias is not None
    if has_bias:
        require.floating("linear", bias=bias)
        require.one_dtype("linear", x=x, bias=bias)
        require.shape("linear", "bias", bias, (weight.shape[0],), "one number an output")
        y = y + bias

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        def grad_x() -> Array:
            return xp.matmul(grad_y, weight)  # (N, O) @ (O, C)

        def grad_weight() -> Array:
            return xp.matmul(xp.matrix_transpose(grad_y), x)  # (O, N) @ (N, C)

        def grad_bias() -> Array:
            return xp.sum(grad_y, axis=0)  # (O,)

        return grad_x, grad_weight, grad_bias if has_bias else None

    return y, backward
