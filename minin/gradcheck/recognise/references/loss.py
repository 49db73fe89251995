"""Softmax and the losses.

    softmax_cross_entropy   mean over n of  -log p[n, y[n]]                p = softmax(x)
    mse                     mean of  (x - t)**2
    ridge                   sum of (x @ w - t)**2 / (2 N)  +  decay / 2 * sum of w**2
    huber                   sum of  z**2 / 2 near 0 and bound * (|z| - bound / 2) beyond it

``reduction`` is "mean", "sum" or "none".
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    lengths,
    limit_within,
    upstream,
)


def reduce_losses(losses: Array, reduction: str) -> Array:
    """Return the mean or the sum of the losses, or each of them."""
    if reduction == "none":
        return losses
    return np.asarray(losses.mean() if reduction == "mean" else losses.sum())


def divisor(count: int, reduction: str, bug: str | None) -> float:
    """Say by what the gradient of ``count`` losses is divided; bugs count wrongly."""
    times = 1 if reduction == "mean" else 0
    if bug == "A1":
        times = 0
    elif bug == "A2" and reduction == "mean":
        times = 2
    elif bug == "H7" and reduction != "mean":
        times = 1
    return float(count**times)


# -------------------------------------------------------------------------------- softmax


def probabilities(x: Array, axis: int = -1) -> Array:
    """Exponentiate and divide by the sum; logits of any size are fine."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def softmax(x: Array, *, axis: int = -1) -> tuple[Array, Cache]:
    """Turn logits into probabilities along one axis."""
    p = probabilities(x, axis)
    return p, (p, axis)


def softmax_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply by the Jacobian: p * (g - sum of g * p)."""
    (p, axis), grad = cache, upstream(grad_y, bug)
    if bug == "F2":
        return (grad * p * (1.0 - p),)
    if bug == "F1":
        axis = (axis + 1) % p.ndim
    return (p * (grad - (grad * p).sum(axis=axis, keepdims=True)),)


def draw_softmax(rng: Rng) -> tuple[list[Array], Params]:
    """Draw logits, and the axis that holds the classes."""
    shape = lengths(rng, int(rng.integers(2, 4)), (2, 3, 4, 5))
    params: Params = {} if coin(rng) else {"axis": int(rng.integers(0, len(shape)))}
    return [distinct(rng, shape)], params


# ------------------------------------------------------------------ softmax_cross_entropy


def softmax_cross_entropy(x: Array, y: Array, *, reduction: str = "mean") -> tuple[Array, Cache]:
    """Score logits by the probability of the right classes.

    Shapes: x (N, K), y (N) -> () or (N).
    """
    shifted = x - x.max(axis=1, keepdims=True)
    totals = np.log(np.exp(shifted).sum(axis=1))
    losses = totals - shifted[np.arange(len(x)), y]
    return reduce_losses(losses, reduction), (x, y, reduction)


def softmax_cross_entropy_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Subtract one-hot from softmax and divide by what forward divided by."""
    x, y, reduction = cache
    grad = upstream(grad_y, bug)
    rows = np.reshape(grad, (-1, 1)) / divisor(len(x), reduction, bug)  # (1, 1) or (N, 1)
    d = _minus_one_hot(_believed_probabilities(x, bug), y, bug)
    if bug == "C5":
        d[:-1] = 0.0
    if bug == "A14":
        d *= _again(len(x), len(x), reduction)[:, None]
    return (d * rows, None)


def _again(n: int, divided: int, reduction: str) -> Array:
    """Divide the whole buffer once more at each sample, so that the first is hit most.

    Shapes: -> (n).
    """
    return float(divided if reduction == "mean" else 1) ** -np.arange(n - 1.0, -1.0, -1.0)


def _believed_probabilities(x: Array, bug: str | None) -> Array:
    """Compute the probabilities as a backward believes them to be."""
    if bug == "F1":
        return probabilities(x, axis=0)
    if bug == "F6":
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            powers = np.exp(x)
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return probabilities(x, axis=1)


def _minus_one_hot(p: Array, y: Array, bug: str | None) -> Array:
    """Subtract 1 at the labels, or elsewhere.

    Shapes: p (N, K), y (N) -> (N, K).
    """
    rows, d = np.arange(len(p)), p.copy()
    if bug == "F2":  # p_y * (1 - p_y) times -1 / p_y, at the label alone
        d = np.zeros_like(p)
        d[rows, y] = p[rows, y] - 1.0
    elif bug == "F4":
        d[:, y] -= 1.0
    elif bug == "B11":
        d[rows, (y + 1) % p.shape[1]] -= 1.0
    elif bug == "B11 rows":
        d[rows, np.roll(y, 1)] -= 1.0
    elif bug != "F3":
        d[rows, y] -= 1.0
    return p * (d - (p * d).sum(axis=1, keepdims=True)) if bug == "F7" else d


def draw_classes(rng: Rng) -> tuple[list[Array], Params]:
    """Draw logits and labels, the last class among them; huge logits now and then."""
    n, k = lengths(rng, 2, (2, 3, 4, 5, 7))
    y = rng.integers(0, k, size=n)
    y[int(rng.integers(n))] = k - 1
    x = distinct(rng, (n, k))
    if coin(rng, 0.15):
        x = x * 500.0
    params: Params = {"reduction": str(rng.choice(["sum", "none"]))} if coin(rng, 0.4) else {}
    return [x, y], params


# ------------------------------------------------------------------------------------ mse


def mse(x: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Cache]:
    """Square the distance from the targets.

    Shapes: x (...), t (...) -> () or (...).
    """
    return reduce_losses((x - t) ** 2, reduction), (x, t, reduction)


def mse_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply the distance by 2 and divide by what forward divided by."""
    x, t, reduction = cache
    factor = {"A5": 1.0, "A5 double": 4.0}.get(bug or "", 2.0)
    scale = upstream(grad_y, bug) * factor / divisor(x.size, reduction, bug)
    if bug == "G4" and x.ndim == 1:  # (N, 1) against (N,)
        return (scale * (x[:, None] - t), None)
    if bug == "A14":
        scale = scale * _again(len(x), x.size, reduction).reshape(-1, *(1,) * (x.ndim - 1))
    return (scale * (x - t), None)


def draw_mse(rng: Rng) -> tuple[list[Array], Params]:
    """Draw numbers and targets, flat now and then."""
    shape = lengths(rng, int(rng.integers(1, 4)), (2, 3, 4, 5))
    params: Params = {"reduction": str(rng.choice(["sum", "none"]))} if coin(rng, 0.4) else {}
    return [distinct(rng, shape), distinct(rng, shape, 1.3)], params


# ---------------------------------------------------------------------------------- ridge


def ridge(x: Array, w: Array, t: Array, *, decay: float = 0.1) -> tuple[Array, Cache]:
    """Fit a linear map to targets, with a penalty on large weights.

    Shapes: x (N, D), w (D, M), t (N, M) -> ().
    """
    miss = x @ w - t
    fit = (miss**2).sum() / (2.0 * len(x))
    return np.asarray(fit + decay / 2.0 * (w**2).sum()), (x, w, miss, decay)


def ridge_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Take the misfit back, divided by N, and add decay * w."""
    x, w, miss, decay = cache
    grad = upstream(grad_y, bug)
    factor = {"A5": 2.0}.get(bug or "", 1.0)
    scale = factor * grad / divisor(len(x), "mean", bug)
    grad_w = grad * _penalty(w, decay, len(x), bug) + _misfit(x, miss, bug) * scale
    return scale * (miss @ w.T), grad_w.T if bug == "B1" else grad_w, None


def _penalty(w: Array, decay: float, n: int, bug: str | None) -> Array:
    times = {"A5 penalty": 2.0, "A5 unpenalised": 0.0, "A14 penalty": float(n)}
    return decay * times.get(bug or "", 1.0) * w


def _misfit(x: Array, miss: Array, bug: str | None) -> Array:
    """Add the samples up before the division by N, which A14 repeats at every step.

    Shapes: x (N, D), miss (N, M) -> (D, M).
    """
    n, total = len(x), np.zeros((x.shape[1], miss.shape[1]))
    for k in range(n):
        piece = np.multiply.outer(x[k], miss[k])
        total = piece if bug == "C5" else total + piece
        if bug == "A14":
            total = total / (n if k < n - 1 else 1)
    return total


def draw_ridge(rng: Rng) -> tuple[list[Array], Params]:
    """Draw samples, weights and targets."""
    n, d, m = lengths(rng, 3, (2, 3, 4, 5))
    inputs = [distinct(rng, (n, d)), distinct(rng, (d, m)), distinct(rng, (n, m))]
    return inputs, {"decay": float(rng.choice([0.1, 0.3, 0.5]))}


# ---------------------------------------------------------------------------------- huber


def huber(x: Array, *, bound: float = 1.0) -> tuple[Array, Cache]:
    """Square small distances and count large ones as they are.

    Shapes: x (...) -> ().
    """
    near = np.clip(x, -bound, bound)
    return np.asarray((near * (x - near / 2.0)).sum()), (x, bound)


def huber_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Return x, clipped: large distances keep a gradient, of limited size."""
    x, bound = cache
    derivative = np.clip(x, -bound, bound)
    if bug == "E7":  # the derivative of clip, where clip itself is the derivative
        derivative = np.where(np.abs(x) < bound, x, 0.0)
    return (upstream(grad_y, bug) * (x if bug == "E3" else derivative),)


def draw_huber(rng: Rng) -> tuple[list[Array], Params]:
    """Draw distances on both sides of the bound."""
    x = distinct(rng, lengths(rng, 2, (3, 4, 5)))
    return [x], {"bound": limit_within(x)}


SOFTMAX = Reference(
    "softmax", ("x",), softmax, softmax_backward, draw_softmax,
    dict.fromkeys((*UPSTREAM, "F1", "F2"), "x"),
)  # fmt: skip
SOFTMAX_CROSS_ENTROPY = Reference(
    "softmax_cross_entropy", ("x", "y"), softmax_cross_entropy, softmax_cross_entropy_backward,
    draw_classes,
    dict.fromkeys((*(*UPSTREAM, "A1", "A14", "A2", "B11", "B11 rows", "C5"), *("F1", "F2", "F3",
    "F4", "F6", "F7", "H7")), "x"),
)  # fmt: skip
MSE = Reference(
    "mse", ("x", "t"), mse, mse_backward, draw_mse,
    dict.fromkeys((*UPSTREAM, "A1", "A14", "A2", "A5", "A5 double", "G4", "H7"), "x"),
)  # fmt: skip
RIDGE = Reference(
    "ridge", ("x", "w", "t"), ridge, ridge_backward, draw_ridge,
    {**dict.fromkeys((*UPSTREAM, "A1", "A2", "A5"), None), **dict.fromkeys(("A5 penalty",
    "A5 unpenalised", "A14", "A14 penalty", "B1", "C5"), "w")},
)  # fmt: skip
HUBER = Reference(
    "huber", ("x",), huber, huber_backward, draw_huber,
    dict.fromkeys((*UPSTREAM, "E3", "E7"), "x"),
)  # fmt: skip
