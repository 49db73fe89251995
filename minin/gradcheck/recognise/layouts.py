"""The arrangements of axes in which people keep images, weights and biases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array


@dataclass(frozen=True)
class Layout:
    """How a caller's array becomes a reference's, and how a gradient goes back.

    Attributes:
        name: in words.
        into: from the caller's arrangement to the reference's.
        back: from the reference's to the caller's, given the caller's shape.
    """

    name: str
    into: Callable[[Array], Array]
    back: Callable[[Array, tuple[int, ...]], Array]


def _move(name: str, *order: int) -> Layout:
    back = tuple(int(k) for k in np.argsort(order))
    return Layout(name, lambda a: np.transpose(a, order), lambda g, _: np.transpose(g, back))


def _as_vector(g: Array, shape: tuple[int, ...]) -> Array:
    return g.reshape(shape)


LAYOUTS: dict[str, Layout] = {
    "as it is": Layout("as it is", lambda a: a, lambda g, _: g),
    "channels last": _move("channels last", 0, 3, 1, 2),
    "kernel first": _move("kernel first", 3, 2, 0, 1),
    "channels in first": _move("channels in first", 1, 0, 2, 3),
    "kernel in the middle": _move("kernel in the middle", 0, 3, 1, 2),
    "transposed": _move("transposed", 1, 0),
    "flat": Layout("flat", lambda a: a.reshape(-1), _as_vector),
    "without the kernel's axes": Layout(
        "without the kernel's axes", lambda a: a.reshape(a.shape[:2]), _as_vector
    ),
    "kernel's axes in front": Layout(
        "kernel's axes in front", lambda a: a.reshape(a.shape[2:]).T, lambda g, s: g.T.reshape(s)
    ),
    "one image": Layout("one image", lambda a: a[None], lambda g, s: g.reshape(s)),
    "no channel": Layout("no channel", lambda a: a[:, None], lambda g, s: g.reshape(s)),
    "one map": Layout("one map", lambda a: a[None, None], lambda g, s: g.reshape(s)),
    "pixels as rows": _move("pixels as rows", 0, 2, 1),
    "one-hot": Layout("one-hot", lambda a: a.argmax(axis=-1), lambda g, _: g),
    "flat maps": Layout("flat maps", lambda a: a.reshape(a.shape[:2]), _as_vector),
}


def layouts_of(op: str, place: int, x: Any, plain: bool) -> list[Layout]:
    """List the layouts worth trying for one argument of a reference; -1 is the output."""
    same = [LAYOUTS["as it is"]]
    if plain or not isinstance(x, np.ndarray):
        return same
    return same + [LAYOUTS[name] for name in _names(op, place, x)]


def _names(op: str, place: int, x: Array) -> list[str]:
    if op in ("conv2d", "conv1x1") and place == 1 and x.ndim == 4:
        if op == "conv1x1":
            return ["without the kernel's axes", "kernel's axes in front"]
        return ["kernel first", "channels in first", "kernel in the middle"]
    if op in ("conv2d", "conv1x1", "linear") and place == 2 and x.ndim > 1:
        return ["flat"]
    if op == "conv1x1" and place == 1 and x.ndim == 2:
        return ["transposed"]
    if op in ("linear", "matmul") and x.ndim == 2 and place in (0, 1):
        return ["transposed"] if op == "matmul" else []
    if op in ("conv2d", "conv1x1", "max_pool2d", "avg_pool2d", "global_avg_pool2d", "im2col"):
        return _images(op, place, x)
    if op == "softmax_cross_entropy" and place == 1 and x.ndim == 2:
        return ["one-hot"]
    return []


def _images(op: str, place: int, x: Array) -> list[str]:
    if place == -1 and op == "im2col" and x.ndim == 3:
        return ["pixels as rows"]
    if place == -1 and op == "global_avg_pool2d" and x.ndim == 4:
        return ["flat maps"]
    if place in (0, -1):
        return {4: ["channels last"], 3: ["one image"], 2: ["one map"]}.get(x.ndim, [])
    return []
