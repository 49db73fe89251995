"""Matrix products: the product of two matrices, and the dense layer.

    y = x @ w + b        grad_x = grad_y @ w.T      grad_w = x.T @ grad_y      grad_b = sum over n

The dense layer also takes its weights as (outputs, inputs), with ``out_first=True``.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.recognise.references.conv import over_samples
from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    lengths,
    upstream,
)


def is_square(matrix: Array) -> bool:
    """Say whether a transpose goes unnoticed by the shapes."""
    return bool(matrix.shape[0] == matrix.shape[1])


# --------------------------------------------------------------------------------- matmul


def matmul(x: Array, y: Array) -> tuple[Array, Cache]:
    """Multiply two matrices.

    Shapes: x (N, K), y (K, M) -> (N, M).
    """
    return x @ y, (x, y)


def matmul_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply by the transpose of the other factor."""
    x, y = cache
    grad = upstream(grad_y, bug)
    grad_x = grad @ (y if bug == "B2" and is_square(y) else y.T)
    grad_y = (x if bug == "B2 left" and is_square(x) else x.T) @ grad
    if bug == "B1":
        grad_y = grad_y.T
    if bug == "B9":
        grad_y = grad_y.T.reshape(y.shape)
    return (np.zeros_like(x) if bug == "H10" else grad_x), grad_y


def draw_matmul(rng: Rng) -> tuple[list[Array], Params]:
    """Draw two matrices, one of them square now and then."""
    n, k, m = lengths(rng, 3)
    if coin(rng, 0.4):
        n, m = (k, m) if coin(rng) else (n, k)
    return [distinct(rng, (n, k)), distinct(rng, (k, m))], {}


# --------------------------------------------------------------------------------- linear


def linear(
    x: Array, w: Array, b: Array | None = None, *, out_first: bool = False
) -> tuple[Array, Cache]:
    """Send each sample through a dense layer.

    Shapes: x (N, D), w (D, M), or (M, D) with out_first, b (M) -> (N, M).
    """
    matrix = w.T if out_first else w  # (D, M)
    y = x.reshape(len(x), -1) @ matrix
    return (y if b is None else y + b), (x, matrix, b, out_first)


def linear_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Take the gradient back to the samples, the weights and the bias."""
    x, matrix, b, out_first = cache
    grad_y = upstream(grad_y, bug)
    grad_x = grad_y @ (matrix if bug == "B2" and is_square(matrix) else matrix.T)
    if bug == "H10":
        grad_x = np.zeros_like(grad_x)
    grad_w = _grad_w(grad_y, x.reshape(len(x), -1), out_first, bug)
    return grad_x.reshape(x.shape), grad_w, None if b is None else _grad_b(grad_y, bug)


def _grad_w(grad_y: Array, x: Array, out_first: bool, bug: str | None) -> Array:
    pieces = x[:, :, None] * grad_y[:, None, :]  # (N, D, M), one a sample
    grad_w = over_samples(pieces.swapaxes(1, 2) if out_first else pieces, bug)
    orders = {
        "B1": grad_w.T,
        "B9": grad_w.T.reshape(grad_w.shape),
        "H10 weight": np.zeros_like(grad_w),
    }
    return orders.get(bug or "", grad_w)


def _grad_b(grad_y: Array, bug: str | None) -> Array:
    sums = {
        "C5 bias": grad_y[-1],
        "G1": grad_y.sum(axis=1),
        "G1 all": grad_y.sum(),
        "G2": grad_y,
        "G5": grad_y.mean(axis=0),
    }
    return np.array(sums.get(bug or "", grad_y.sum(axis=0)))


def draw_linear(rng: Rng) -> tuple[list[Array], Params]:
    """Draw samples, weights (square now and then, either way round) and a bias."""
    n, d, m = lengths(rng, 3, (2, 3, 4, 5, 7, 11))
    m = d if coin(rng, 0.2) else m
    out_first = coin(rng, 0.3)
    w = distinct(rng, (m, d) if out_first else (d, m))
    params: Params = {"out_first": True} if out_first else {}
    return [distinct(rng, (n, d)), w, distinct(rng, (m,))], params


MATMUL = Reference(
    "matmul", ("x", "y"), matmul, matmul_backward, draw_matmul,
    {**UPSTREAM, "B1": "y", "B2": "x", "B2 left": "y", "B9": "y", "H10": "x"},
)  # fmt: skip
LINEAR = Reference(
    "linear", ("x", "w", "b"), linear, linear_backward, draw_linear,
    {**UPSTREAM, **dict.fromkeys(("B2", "H10"), "x"), **dict.fromkeys(("A2", "B1", "B9", "C5",
    "H10 weight"), "w"), **dict.fromkeys(("C5 bias", "G1", "G1 all", "G2", "G5"), "b")},
)  # fmt: skip
