"""Shortening gradients that are too long to be trusted.

Here and there the loss is so steep that one step would undo hundreds. If the gradient, all
parameters taken together as one vector, is longer than a limit, it is scaled down to it; its
direction stays. A Network in Network without batch normalisation needs this in its first
steps: until its maps tell classes apart, all images move the weights the same way.

Source: Pascanu, Mikolov, Bengio, ICML 2013, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from minin.autograd import Tensor
from minin.backend import Array, namespace, ones
from minin.errors import ArgumentError
from minin.optim.groups import is_number


def clip_gradients(parameters: Iterable[Tensor], limit: float) -> float:
    """Scale all gradients down, together, to a length of at most ``limit``.

    Args:
        parameters: tensors; those without a gradient count nothing.
        limit: the longest Euclidean length, above 0.

    Returns:
        The length before.

    Raises:
        ArgumentError: if the limit is not above 0.

    Example:
        >>> w = minin.tensor([3.0, 4.0], requires_grad=True)
        >>> (w * w).sum().backward()  # the gradient is (6, 8)
        >>> clip_gradients([w], limit=1.0)
        10.0
        >>> w.grad.round(3)
        array([0.6, 0.8], dtype=float32)
    """
    return float(shorten(parameters, limit))


def shorten(parameters: Iterable[Tensor], limit: float) -> Array:
    """Do what `clip_gradients` does, and leave the length where the gradients are.

    Nothing is read back, so that a step on a GPU need not wait for it.

    Shapes: -> (), float64.
    """
    if not is_number(limit) or not limit > 0:
        raise ArgumentError(
            f"limit, the largest norm of the gradient, must be above 0; got {limit!r}"
        )
    moving = [parameter for parameter in parameters if parameter.grad is not None]
    if not moving:
        return 0.0
    xp = namespace(moving[0].grad)
    squares = xp.stack([xp.sum(p.grad * p.grad) for p in moving])  # (parameters,)
    length = xp.sqrt(xp.sum(xp.astype(squares, xp.float64), keepdims=True))  # (1,)
    share = limit / (length + 1e-6)  # as PyTorch has it, and so both clip alike
    share = xp.reshape(xp.where(length > limit, share, ones((1,), like=length)), ())
    for parameter in moving:
        parameter.grad = parameter.grad * xp.astype(share, parameter.grad.dtype)
    return xp.reshape(length, ())
