"""The arrangements of axes in which people keep images, weights and biases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array


@dataclass(frozen=True)
class Layout:
    """How a caller's array becomes a reference's, and how a gradient goes back.

    Attributes:
        into: from the caller's arrangement to the reference's.
        back: from the reference's to the caller's, given the caller's shape.
    """

    into: Callable[[Array], Array]
    back: Callable[[Array, tuple[int, ...]], Array]


def _move(*order: int) -> Layout:
    back = tuple(int(k) for k in np.argsort(order))
    return Layout(lambda a: np.transpose(a, order), lambda g, _: np.transpose(g, back))


def _as_before(g: Array, shape: tuple[int, ...]) -> Array:
    return g.reshape(shape)


LAYOUTS: dict[str, Layout] = {
    "same": Layout(lambda a: a, lambda g, _: g),
    "channels_last": _move(0, 3, 1, 2),
    "kernel_first": _move(3, 2, 0, 1),
    "inputs_first": _move(1, 0, 2, 3),
    "kernel_between": _move(0, 3, 1, 2),
    "transposed": _move(1, 0),
    "flat": Layout(lambda a: a.reshape(-1), _as_before),
    "two_axes": Layout(lambda a: a.reshape(a.shape[:2]), _as_before),
    "ones_first": Layout(lambda a: a.reshape(a.shape[2:]).T, lambda g, s: g.T.reshape(s)),
    "one_image": Layout(lambda a: a[None], _as_before),
    "one_map": Layout(lambda a: a[None, None], _as_before),
    "pixels_as_rows": _move(0, 2, 1),
    "one_hot": Layout(lambda a: a.argmax(axis=-1), lambda g, _: g),
}

# Layouts of filters whose axes must mean something else than (F, C, KH, KW).
KERNELS = {
    "kernel_first": "gradcheck.kernel_first",
    "inputs_first": "gradcheck.inputs_first",
    "kernel_between": "gradcheck.kernel_between",
}


def unusual_kernel(layouts: Sequence[Layout]) -> str:
    """Return the sentence of a layout of filters that is unusual beside its images; else ""."""
    image, *others = layouts
    usual = "kernel_first" if image is LAYOUTS["channels_last"] else "same"
    found = (key for name, key in KERNELS.items() if LAYOUTS[name] in others and name != usual)
    return next(found, "")


def layouts_of(op: str, place: int, x: Any, plain: bool) -> list[Layout]:
    """List the layouts worth trying for one argument of a reference; -1 is the output."""
    same = [LAYOUTS["same"]]
    if plain or not isinstance(x, np.ndarray):
        return same
    return same + [LAYOUTS[name] for name in _names(op, place, x)]


def _names(op: str, place: int, x: Array) -> list[str]:
    if op in ("conv2d", "conv1x1") and place == 1 and x.ndim == 4:
        if op == "conv1x1":
            return ["two_axes", "ones_first"]
        return ["kernel_first", "inputs_first", "kernel_between"]
    if op in ("conv2d", "conv1x1", "linear") and place == 2 and x.ndim > 1:
        return ["flat"]
    if op == "conv1x1" and place == 1 and x.ndim == 2:
        return ["transposed"]
    if op in ("linear", "matmul") and x.ndim == 2 and place in (0, 1):
        return ["transposed"] if op == "matmul" else []
    if op in ("conv2d", "conv1x1", "max_pool2d", "avg_pool2d", "global_avg_pool2d", "im2col"):
        return _images(op, place, x)
    if op == "softmax_cross_entropy" and place == 1 and x.ndim == 2:
        return ["one_hot"]
    return []


def _images(op: str, place: int, x: Array) -> list[str]:
    if place == -1 and op == "im2col" and x.ndim == 3:
        return ["pixels_as_rows"]
    if place == -1 and op == "global_avg_pool2d" and x.ndim == 4:
        return ["two_axes"]
    if place in (0, -1):
        return {4: ["channels_last"], 3: ["one_image"], 2: ["one_map"]}.get(x.ndim, [])
    return []
