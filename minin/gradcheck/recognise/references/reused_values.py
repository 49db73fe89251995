"""Small graphs in which a value is used more than once.

    reuse    y = x + x
    diamond  a = x**2, y = a + sin(a)                 a feeds y along two paths
    twice    y = tanh(x @ w) @ w                      one matrix in two layers
    take     y[i] = x[index[i]]                       a row may be taken several times

Each use contributes to the gradient, and every bug here loses or repeats a contribution.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import UPSTREAM, Rng, distinct, lengths, upstream


def draw_matrix(rng: Rng) -> tuple[list[Array], Params]:
    """Draw a small matrix."""
    return [distinct(rng, lengths(rng, 2))], {}


def reuse(x: Array) -> tuple[Array, Cache]:
    """Add x to itself."""
    return x + x, None


def reuse_backward(grad_y: Array, _: Cache, bug: str | None) -> Gradients:
    """Add the gradients of both uses."""
    grad = upstream(grad_y, bug)
    grad_x = np.array(grad)  # the first use
    if bug == "C4":
        grad_x = np.array(grad)  # the second use overwrites it
    else:
        grad_x += grad
    return (grad_x,)


def diamond(x: Array) -> tuple[Array, Cache]:
    """Go two ways from a = x**2, and join them."""
    a = x**2
    return a + np.sin(a), (x, a)


def diamond_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Wait for both ways to arrive at a, then go on to x."""
    (x, a), grad = cache, upstream(grad_y, bug)
    straight, around = grad, grad * np.cos(a)
    grad_a = {
        "C4": around,  # the later way overwrites the earlier one
        "C6": straight,  # a goes on to x before the way around has arrived
        "C6 again": straight + (straight + around),  # and once more when it has
        "H10": np.zeros_like(a),
    }.get(bug or "", straight + around)
    return (grad_a * 2.0 * x,)


def twice(x: Array, w: Array) -> tuple[Array, Cache]:
    """Send x through two layers with the same weights.

    Shapes: x (N, D), w (D, D) -> (N, D).
    """
    hidden = np.tanh(x @ w)
    return hidden @ w, (x, w, hidden)


def twice_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Go back through the second layer, then the first, and add their weights' gradients."""
    (x, w, hidden), grad = cache, upstream(grad_y, bug)
    back = w if bug == "B2" else w.T
    grad_hidden = (grad @ back) * (1.0 - hidden**2)
    if bug == "H10":  # the first layer saw a detached copy
        grad_hidden = np.zeros_like(grad_hidden)
    second, first = hidden.T @ grad, x.T @ grad_hidden
    grad_w = {"C7": second, "C7 first": first}.get(bug or "", first + second)
    return grad_hidden @ back, grad_w


def draw_twice(rng: Rng) -> tuple[list[Array], Params]:
    """Draw samples and a square matrix."""
    n, d = lengths(rng, 2, (2, 3, 4, 5))
    return [distinct(rng, (n, d), 1.0), distinct(rng, (d, d), 1.0)], {}


def take(x: Array, index: Array) -> tuple[Array, Cache]:
    """Pick rows by their numbers.

    Shapes: x (N, D), index (M) -> (M, D).
    """
    return x[index], (x.shape, index)


def take_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Add each gradient to the row it was taken from."""
    shape, index = cache
    grad, grad_x = upstream(grad_y, bug), np.zeros(shape)
    if bug == "C2":
        grad_x[index] += grad
    else:
        np.add.at(grad_x, index, grad)
    return grad_x, None


def draw_take(rng: Rng) -> tuple[list[Array], Params]:
    """Draw a table, and row numbers of which some repeat."""
    n, d, m = lengths(rng, 3, (3, 4, 5, 7))
    index = rng.integers(0, n, size=m)
    index[-1] = index[0]
    return [distinct(rng, (n, d)), index], {}


REUSE = Reference(
    "reuse", ("x",), reuse, reuse_backward, draw_matrix,
    dict.fromkeys((*UPSTREAM, "C4"), "x"),
)  # fmt: skip
DIAMOND = Reference(
    "diamond", ("x",), diamond, diamond_backward, draw_matrix,
    dict.fromkeys((*UPSTREAM, "C4", "C6", "C6 again", "H10"), "x"),
)  # fmt: skip
TWICE = Reference(
    "twice", ("x", "w"), twice, twice_backward, draw_twice,
    {**UPSTREAM, "B2": None, "C7": "w", "C7 first": "w", "H10": None},
)  # fmt: skip
TAKE = Reference(
    "take", ("x", "index"), take, take_backward, draw_take,
    dict.fromkeys((*UPSTREAM, "C2"), "x"),
)  # fmt: skip
