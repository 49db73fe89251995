"""From scores to a loss: softmax, log-softmax, cross entropy, and the squared error.

Softmax turns the scores (logits) of K classes into probabilities; the cross entropy is what it
costs to be told the true class:

    p[k] = exp(z[k]) / sum over j of exp(z[j])        loss = -log p[target]

Both are computed from z - max(z), which changes no probability and keeps exp from
overflowing. Together they have a gradient that is worth remembering: p - onehot(target).
"""

from __future__ import annotations

import math

from minin import backend
from minin.autograd import differentiable
from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, namespace, require
from minin.errors import ArgumentError, ShapeError

REDUCTIONS = ("mean", "sum", "none")


def _log_softmax(x: Array, axis: int | tuple[int, ...]) -> Array:
    if 0 in x.shape:
        return x
    xp = namespace(x)
    shifted = x - xp.max(x, axis=axis, keepdims=True)  # at most 0
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


def _class_axis(op: str, x: Array, axis: int) -> tuple[int, ...]:
    """Read the axis; a number without axes is one class by itself, along no axis."""
    require.floating(op, x=x)
    return require.axes(op, (axis,), max(x.ndim, 1))[: x.ndim]


@differentiable
def softmax(x: Array, *, axis: int = -1) -> OutputAndBackward:
    """Turn scores into probabilities along an axis.  Shapes: x (...) -> (...).

    Along an axis of no scores there are no probabilities: what is empty stays so.

    Raises:
        DtypeError: if x holds no floats.
        ShapeError: if the axis does not exist.

    Example:
        >>> minin.ops.softmax(minin.tensor([0.0, 0.0])).data
        array([0.5, 0.5], dtype=float32)
    """
    along = _class_axis("softmax", x, axis)
    xp = namespace(x)
    y = xp.exp(_log_softmax(x, along))  # as x

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        # The probabilities sum to 1: raising one score lowers all the others.
        return (y * (grad_y - xp.sum(grad_y * y, axis=along, keepdims=True)),)

    return y, backward


@differentiable
def log_softmax(x: Array, *, axis: int = -1) -> OutputAndBackward:
    """Take the logarithm of the softmax, without overflow.  Shapes: x (...) -> (...).

    Raises:
        DtypeError: if x holds no floats.
        ShapeError: if the axis does not exist.

    Example:
        >>> minin.ops.log_softmax(minin.tensor([0.0, 0.0])).data
        array([-0.6931472, -0.6931472], dtype=float32)
    """
    along = _class_axis("log_softmax", x, axis)
    xp = namespace(x)
    y = _log_softmax(x, along)

    return y, lambda grad_y: (grad_y - xp.exp(y) * xp.sum(grad_y, axis=along, keepdims=True),)


@differentiable
def cross_entropy(
    logits: Array, target: Array, *, reduction: str = "mean", label_smoothing: float = 0.0
) -> OutputAndBackward:
    """Measure how surprised the scores are by the true classes: -log softmax[target].

    With label smoothing s the truth is softened: the target class has 1 - s + s/K, every other
    class s/K.

    Shapes: logits (N, K), target (N) -> () for "mean" and "sum", (N) for "none".

    Args:
        logits: scores, one row an image.
        target: class numbers from 0 to K - 1.
        reduction: "mean" over the images, "sum", or "none".
        label_smoothing: s, from 0 to 1.

    Raises:
        ShapeError: if the shapes do not fit together, or there is no image to average.
        DtypeError: if logits are no floats or targets no integers.
        ArgumentError: if a target is out of range, or a parameter is.

    Example:
        >>> logits = minin.tensor([[0.0, 0.0], [0.0, 1e4]])
        >>> minin.ops.cross_entropy(logits, minin.tensor([0, 1])).item()
        0.3465735912322998

    Source: the logistic regression loss under the paper's softmax.
    """
    _check_targets(logits, target, reduction)
    label_smoothing = require.number("cross_entropy", "label_smoothing", label_smoothing, 0, 1)
    xp = namespace(logits)
    n, k = logits.shape
    log_p = _log_softmax(logits, 1)  # (N, K)
    classes = backend.arange(k, like=target, dtype=xp.int64)  # (K,)
    given = xp.astype(target, xp.int64)  # (N,): bytes could not count beyond 255
    onehot = xp.astype(classes[None, :] == given[:, None], logits.dtype)  # (N, K)
    truth = onehot * (1 - label_smoothing) + label_smoothing / k if label_smoothing else onehot
    nothing = backend.zeros((), like=logits)
    losses = -xp.sum(truth * xp.where(truth == 0, nothing, log_p), axis=1)  # (N,)
    share = 1 / n if reduction == "mean" else 1.0

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = xp.exp(log_p) - truth  # p - onehot: (N, K)
        return grad * (xp.reshape(grad_y, (-1, 1)) * share), None  # (N, K) * (N or 1, 1)

    if reduction == "none":
        return losses, backward
    return xp.sum(losses) * share, backward


def _check_targets(logits: Array, target: Array, reduction: str) -> None:
    op, xp, (n, k) = "cross_entropy", namespace(target), logits.shape
    require.floating(op, logits=logits)
    require.integral(op, target=target)
    if k == 0:
        raise ShapeError(f"{op}: there must be at least one class, got shape {tuple(logits.shape)}")
    _check_reduction(op, reduction, n)
    if n and (int(xp.min(target)) < 0 or int(xp.max(target)) >= k):
        raise ArgumentError(
            f"{op}: target must hold class numbers from 0 to {k - 1} for logits of shape ({n}, "
            f"{k}), got numbers from {int(xp.min(target))} to {int(xp.max(target))}; count "
            "classes from 0, or build the network with more classes"
        )


def _check_reduction(op: str, reduction: str, count: int) -> None:
    if reduction not in REDUCTIONS:
        raise ArgumentError(f"{op}: reduction must be mean, sum or none, got {reduction!r}")
    if reduction == "mean" and count == 0:
        raise ShapeError(f"{op}: there is nothing to average; use reduction='sum'")


@differentiable
def mse_loss(x: Array, target: Array, *, reduction: str = "mean") -> OutputAndBackward:
    """Measure the squared distance to a target.

    Shapes: x (...), target (...) -> () for "mean" and "sum", (...) for "none".

    Args:
        x: any numbers.
        target: what they should be; of x's shape.
        reduction: "mean" over all numbers, "sum", or "none".

    Raises:
        ShapeError: if the shapes differ.
        DtypeError: if an array holds no floats.
        ArgumentError: if the reduction is unknown.

    Example:
        >>> minin.ops.mse_loss(minin.tensor([1.0, 2.0]), minin.tensor([1.0, 4.0])).item()
        2.0
    """
    require.floating("mse_loss", x=x, target=target)
    require.shape("mse_loss", "target", target, tuple(x.shape), "that of x")
    count = math.prod(x.shape)
    _check_reduction("mse_loss", reduction, count)
    xp = namespace(x)
    error = x - target
    share = 1 / count if reduction == "mean" else 1.0
    x_dtype, target_dtype = x.dtype, target.dtype

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = 2 * share * grad_y * error
        return xp.astype(grad, x_dtype), xp.astype(-grad, target_dtype)  # both as x

    squares = error * error
    return (squares if reduction == "none" else xp.sum(squares) * share), backward
