"""Bugs that no table of inputs and outputs shows: memory, state, number types, order of calls.

Each function makes a fresh forward and backward in the shape that courses use. Most return
the right numbers at the first call; what is wrong is what else they do, or what they return
the second time. Two are right: E8 and H5 are mistakes of the difference quotient beside them,
and a good report says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.dense import LINEAR
from minin.gradcheck.recognise.references.elementwise import DROPOUT, RELU
from minin.gradcheck.recognise.references.loss import SOFTMAX_CROSS_ENTROPY, probabilities
from minin.gradcheck.recognise.references.record import (
    Array,
    Backward,
    Cache,
    Draw,
    Forward,
    Gradients,
    Params,
    Programs,
    Reference,
)
from minin.gradcheck.recognise.references.values import Rng, distinct, lengths

Pair = tuple[Forward, Backward]

# ----------------------------------------------------------------- state between the calls


def new_mask_in_backward() -> Pair:
    """A8: forward keeps its mask to itself, and backward draws another."""
    rng = np.random.default_rng(8)

    def forward(x: Array, p: float = 0.5, seed: int = 0) -> tuple[Array, Cache]:
        return DROPOUT.forward(x, p=p, seed=seed)[0], p

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        return (grad_out * (rng.random(grad_out.shape) >= cache) / (1.0 - cache),)

    return forward, backward


def never_zeroed(reference: Reference) -> Programs:
    """A9: every call adds to the gradients of the calls before."""

    def make() -> Pair:
        total: list[Any] = []

        def backward(grad_out: Array, cache: Cache) -> Gradients:
            grads = reference.backward(grad_out, cache)
            before = total or [0.0] * len(grads)
            total[:] = [a + b for a, b in zip(before, grads, strict=True)]
            return tuple(np.array(grad) for grad in total)

        return reference.forward, backward

    return make


def probabilities_in_place() -> Pair:
    """F5: backward subtracts the one-hot inside what forward has kept."""

    def forward(x: Array, y: Array) -> tuple[Array, Cache]:
        return SOFTMAX_CROSS_ENTROPY.forward(x, y)[0], (probabilities(x), y)

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        p, y = cache
        p[np.arange(len(p)), y] -= 1.0
        return p * (grad_out / len(p)), None

    return forward, backward


def running_mean() -> Pair:
    """H8: every forward moves the mean that it subtracts."""
    running = np.zeros(())

    def forward(x: Array, eps: float = 1e-5) -> tuple[Array, Cache]:
        nonlocal running
        running = 0.9 * running + 0.1 * x.mean(axis=0)
        s = np.sqrt(x.var(axis=0) + eps)
        return (x - running) / s, s

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        return (grad_out / cache,)

    return forward, backward


def new_mask_in_forward() -> Pair:
    """H8: every forward draws a mask; backward uses the right one."""
    rng = np.random.default_rng(88)

    def forward(x: Array, p: float = 0.5, seed: int = 0) -> tuple[Array, Cache]:
        return DROPOUT.forward(x, p=p, seed=seed + int(rng.integers(1, 1000)))

    return forward, DROPOUT.backward


def stale(reference: Reference) -> Programs:
    """H9: forward keeps the cache in the object, and backward reads the newest."""

    def make() -> Pair:
        kept: list[Cache] = [None]

        def forward(*inputs: Array, **params: Any) -> tuple[Array, Cache]:
            out, kept[0] = reference.forward(*inputs, **params)
            return out, None

        def backward(grad_out: Array, _: Cache) -> Gradients:
            return reference.backward(grad_out, kept[0])

        return forward, backward

    return make


def racing_rows() -> Pair:
    """H11: of equal row numbers, a random one is written last and stays."""
    rng = np.random.default_rng(11)

    def forward(x: Array, index: Array) -> tuple[Array, Cache]:
        return x[index], (x.shape, index)

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        shape, index = cache
        order, grad_x = rng.permutation(len(index)), np.zeros(shape)
        for k in order:
            grad_x[index[k]] = grad_out[k]
        return grad_x, None

    return forward, backward


# ---------------------------------------------------------------------------------- memory


def relu_in_place() -> Pair:
    """H1: forward writes its zeros into the caller's array."""

    def forward(x: Array) -> tuple[Array, Cache]:
        mask = x > 0
        x[~mask] = 0.0
        return x.copy(), mask

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        return (grad_out * cache,)

    return forward, backward


def upstream_in_place() -> Pair:
    """H1: backward writes its zeros into the incoming gradient."""

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        grad_out[cache <= 0] = 0.0
        return (grad_out.copy(),)

    return RELU.forward, backward


def one_array_for_both() -> Pair:
    """H2: the gradients of both terms are one array; handing the upstream on once is fine."""

    def forward(x: Array, y: Array) -> tuple[Array, Cache]:
        return x + y, None

    def backward(grad_out: Array, _: Cache) -> Gradients:
        grad = grad_out.copy()
        return grad, grad

    return forward, backward


def relu_in_memory_order() -> Pair:
    """H3: the mask is taken in the order of memory and laid over the order of axes."""

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        mask = cache.ravel(order="K") > 0
        return ((grad_out.ravel() * mask).reshape(cache.shape),)

    return RELU.forward, backward


def linear_in_memory_order() -> Pair:
    """H3: the samples are read in the order of memory for the gradient of the weights."""

    def forward(*inputs: Array, **params: Any) -> tuple[Array, Cache]:
        out, cache = LINEAR.forward(*inputs, **params)
        return out, (cache, inputs[0])

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        (_, *rest), x = cache
        read = x.ravel(order="K").reshape(x.shape)
        grad_x = LINEAR.backward(grad_out, (x, *rest))[0]
        return grad_x, *LINEAR.backward(grad_out, (read, *rest))[1:]

    return forward, backward


# -------------------------------------------------------------------------- kinds of number


def in_float32(reference: Reference, hidden: bool = False) -> Programs:
    """H4: all work is done in float32; hidden: the results are called float64 again."""

    def make() -> Pair:
        kind = np.float64 if hidden else np.float32

        def forward(*inputs: Array, **params: Any) -> tuple[Array, Cache]:
            small = [np.asarray(x, dtype=np.float32) for x in inputs]
            out, cache = reference.forward(*small, **params)
            return out.astype(kind), cache

        def backward(grad_out: Array, cache: Cache) -> Gradients:
            grads = reference.backward(np.asarray(grad_out, dtype=np.float32), cache)
            rounded = [None if g is None else g.astype(np.float32).astype(kind) for g in grads]
            return tuple(rounded)

        return forward, backward

    return make


def truncated(reference: Reference) -> Programs:
    """H6: the input is cast to integers on its way in."""

    def make() -> Pair:
        def forward(x: Array, *others: Array, **params: Any) -> tuple[Array, Cache]:
            return reference.forward(x.astype(np.int64).astype(float), *others, **params)

        return forward, reference.backward

    return make


# ------------------------------------------------------------------- nothing, or all right


def first_is_none() -> Pair:
    """H10: nothing is returned for the input."""

    def backward(grad_out: Array, cache: Cache) -> Gradients:
        return None, *LINEAR.backward(grad_out, cache)[1:]

    return LINEAR.forward, backward


def right(reference: Reference) -> Programs:
    """E8, H5: nothing is wrong here; a careless difference quotient disagrees."""
    return reference.programs


# -------------------------------------------------------------------------- where they show


def draw_equal(rng: Rng) -> tuple[list[Array], Params]:
    """Draw two arrays of one shape."""
    shape = lengths(rng, 2)
    return [distinct(rng, shape), distinct(rng, shape)], {}


def draw_near_zero(rng: Rng) -> tuple[list[Array], Params]:
    """Draw numbers of which several lie within 1e-7 of zero."""
    x = distinct(rng, lengths(rng, 2, (3, 4, 5, 7)))
    x[0, :2] = 1e-7 * rng.uniform(0.2, 1.0, size=2)
    x[1, :2] = -1e-7 * rng.uniform(0.2, 1.0, size=2)
    return [x], {}


def draw_scores(rng: Rng) -> tuple[list[Array], Params]:
    """Draw logits and labels, without parameters."""
    (x, y), _ = SOFTMAX_CROSS_ENTROPY.draw(rng)
    return [distinct(rng, x.shape), y], {}


def in_fortran_order(draw: Draw) -> Draw:
    """Draw the same arrays, stored column by column."""

    def drawn(rng: Rng) -> tuple[list[Array], Params]:
        inputs, params = draw(rng)
        return [np.asfortranarray(x) for x in inputs], params

    return drawn
