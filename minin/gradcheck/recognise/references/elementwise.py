"""Ops that treat every number alone: relu, sigmoid, clip, dropout.

Each backward is the incoming gradient times a local derivative, so each bug is a wrong
derivative.
"""

from __future__ import annotations

from typing import Any

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


def draw_one(rng: Rng) -> tuple[list[Array], Params]:
    """Draw one array of two to four axes."""
    return [distinct(rng, lengths(rng, int(rng.integers(2, 5)), (2, 3, 4, 5)))], {}


# ----------------------------------------------------------------------------------- relu


def relu(x: Array) -> tuple[Array, Cache]:
    """Keep the positive part."""
    return np.maximum(x, 0.0), x


def relu_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Let the gradient through where x > 0."""
    x, grad_y = cache, upstream(grad_y, bug)
    masks = {
        "E1": x >= 0,
        "E2": grad_y > 0,
        "E3": np.ones_like(x),
        "H10": np.zeros_like(x),
    }
    return (np.asarray(grad_y * masks.get(bug or "", x > 0)),)


def draw_zeros(rng: Rng) -> tuple[list[Array], Params]:
    """Draw as `draw_one`, with several numbers that are exactly 0."""
    (x,), params = draw_one(rng)
    x[rng.random(x.shape) < 0.2] = 0.0
    x.flat[int(rng.integers(x.size))] = 0.0
    return [x], params


# -------------------------------------------------------------------------------- sigmoid


def sigmoid(x: Array, *, scale: float = 1.0) -> tuple[Array, Cache]:
    """Squash: 1 / (1 + exp(-scale * x))."""
    y = 0.5 + 0.5 * np.tanh(0.5 * scale * x)
    return y, (x, y, scale)


def sigmoid_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply by scale * y * (1 - y)."""
    x, y, scale = cache
    at = {"A13": 0.5 + 0.5 * np.tanh(0.5 * y), "A13 input": x}.get(bug or "", y)
    return (upstream(grad_y, bug) * (scale * at * (1.0 - at)),)


def draw_steep(rng: Rng) -> tuple[list[Array], Params]:
    """Draw a sigmoid that bends within a hundredth."""
    (x,), _ = draw_one(rng)
    return [x / 20.0], {"scale": float(rng.integers(30, 60))}


# ----------------------------------------------------------------------------------- clip


def clip(x: Array, *, bound: float = 1.0, slope: float = 0.0) -> tuple[Array, Cache]:
    """Limit to -bound..bound; beyond it the output goes on with ``slope`` (0: not at all)."""
    inside = np.clip(x, -bound, bound)
    return inside + slope * (x - inside), (x, bound, slope)


def clip_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Multiply by 1 inside and by the slope outside."""
    (x, bound, slope), grad_y = cache, upstream(grad_y, bug)
    outside = {"E3": 1.0, "E7": 0.0}.get(bug or "", slope)
    mask = grad_y > 0 if bug == "E2" else np.abs(x) < bound
    return (grad_y * np.where(mask, 1.0, outside),)


def draw_clip(rng: Rng) -> tuple[list[Array], Params]:
    """Draw numbers inside and outside the bound, mostly with a slope outside."""
    (x,), _ = draw_one(rng)
    return [x], {"bound": limit_within(x), "slope": 0.25 if coin(rng, 0.8) else 0.0}


# -------------------------------------------------------------------------------- dropout


def dropout(x: Array, *, p: float = 0.5, seed: int = 0, mask: Any = None) -> tuple[Array, Cache]:
    """Drop numbers with probability p and divide the others by 1 - p.

    The mask (1: kept) is drawn from the seed unless it is given, so that forward is the same
    function at every call.
    """
    kept = np.random.default_rng(seed).random(x.shape) >= p if mask is None else np.asarray(mask)
    return x * kept / (1.0 - p), (kept, p)


def dropout_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Do to the gradient what forward did to x."""
    (kept, p), grad_y = cache, upstream(grad_y, bug)
    times = {"A7": 0, "A7 twice": 2}.get(bug or "", 1)
    grad_x = grad_y * (1.0 if bug == "E3" else kept) / (1.0 - p) ** times
    return (np.zeros_like(grad_x) if bug == "H10" else grad_x,)


def draw_dropout(rng: Rng) -> tuple[list[Array], Params]:
    """Draw numbers, a probability and a seed."""
    inputs, _ = draw_one(rng)
    p = float(rng.choice([0.2, 0.3, 0.6]))
    return inputs, {"p": p, "seed": int(rng.integers(1000))}


RELU = Reference(
    "relu", ("x",), relu, relu_backward, draw_one,
    dict.fromkeys((*UPSTREAM, "E1", "E2", "E3", "H10"), "x"),
)  # fmt: skip
SIGMOID = Reference(
    "sigmoid", ("x",), sigmoid, sigmoid_backward, draw_one,
    dict.fromkeys((*UPSTREAM, "A13", "A13 input"), "x"),
)  # fmt: skip
CLIP = Reference(
    "clip", ("x",), clip, clip_backward, draw_clip,
    dict.fromkeys((*UPSTREAM, "E2", "E3", "E7"), "x"),
)  # fmt: skip
DROPOUT = Reference(
    "dropout", ("x",), dropout, dropout_backward, draw_dropout,
    dict.fromkeys((*UPSTREAM, "A7", "A7 twice", "E3", "H10"), "x"),
)  # fmt: skip
