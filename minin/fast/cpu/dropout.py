"""Dropout in tiles: the plain rule's mask, number for number, without its temporaries.

An element is dropped if a hash of its number falls below p, whatever the order in which the
elements are visited. Here they are visited as they lie in memory, a few images at a time, and
the twenty-odd integer operations of the hash run over a buffer that stays in the cache. Kept for
backward is one byte an element.

Cost: about 25 passes over 4 bytes an element in the cache; memory 1 byte an element.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.autograd.operators import Gradient, OutputAndBackward
from minin.backend import Array, require
from minin.fast.coverage import is_covered
from minin.fast.cpu import plan, recycle, scratch
from minin.fast.cpu.layout import channels_first, channels_last
from minin.fast.cpu.workers import run
from minin.ops.dropout import dropout
from minin.rng import LAST_SHIFT, ROUNDS, draw_keys, threshold


def covers(x: Array, *, p: float = 0.5, training: bool = True, **_: Any) -> bool:
    """Cover images of float32 and float64 of which some numbers may be dropped."""
    require.floating("dropout", x=x)
    wanted = bool(training) and require.number("dropout", "p", p, 0, 1) > 0
    return wanted and x.ndim == 4 and is_covered(x) and x.size < 2**32


@dropout.accelerate("numpy", covers)
def fast_dropout(
    x: Array,
    *,
    p: float = 0.5,
    training: bool = True,  # noqa: ARG001  # the signature of the plain rule; covered is True
    rng: Any = None,
) -> OutputAndBackward:
    """Drop numbers as they lie in memory."""
    keys = draw_keys(rng, 2)
    images = channels_last(x)  # (N, H, W, C)
    mask = recycle.empty(images.shape, np.bool_)
    scale = 1 / (1 - p) if p < 1 else 0.0
    y = recycle.empty_like(images)
    least = 1 if images.nbytes < plan.ALONE // 4 else 2  # 25 passes: worth two tasks sooner
    parts = plan.groups(0, len(images), images[0].nbytes, plan.CACHED, least)

    def forward(number: int) -> None:
        first, last = parts[number]
        hashes = _hashes(first, last, images.shape, keys)
        np.greater_equal(hashes, threshold(p), out=mask[first:last])
        _scaled(images[first:last], mask[first:last], scale, y[first:last])

    run(forward, len(parts))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad = channels_last(grad_y)
        grad_images = recycle.empty_like(grad)

        def task(number: int) -> None:
            first, last = parts[number]
            _scaled(grad[first:last], mask[first:last], scale, grad_images[first:last])

        run(task, len(parts))
        return (channels_first(grad_images),)

    return channels_first(y), backward


def _scaled(x: Array, mask: Array, scale: float, out: Array) -> None:
    np.multiply(x, mask, out=out)  # NaN * 0 stays NaN, as in the plain rule
    np.multiply(out, out.dtype.type(scale), out=out)


def _hashes(first: int, last: int, shape: tuple[int, ...], keys: Any) -> Array:
    """Hash the numbers that the elements of some images have in the order N, C, H, W.

    Shapes: shape (N, H, W, C) -> (last - first, H, W, C), the thread's buffer "hashes".
    """
    _, h, w, c = shape
    hashes = scratch.take("hashes", (last - first, h * w, c), np.uint32)
    spare = scratch.take("spare", hashes.shape, np.uint32)
    pixels = np.arange(h * w, dtype=np.uint32)[:, None]
    channels = np.arange(c, dtype=np.uint32) * np.uint32(h * w)
    image = np.arange(first, last, dtype=np.uint32)[:, None, None] * np.uint32(c * h * w)
    np.add(image + pixels, channels, out=hashes)
    for key in keys:
        np.bitwise_xor(hashes, np.uint32(key), out=hashes)
        for shift, factor in ROUNDS:
            np.right_shift(hashes, np.uint32(shift), out=spare)
            np.bitwise_xor(hashes, spare, out=hashes)
            np.multiply(hashes, np.uint32(factor), out=hashes)
        np.right_shift(hashes, np.uint32(LAST_SHIFT), out=spare)
        np.bitwise_xor(hashes, spare, out=hashes)
    return hashes.reshape(last - first, h, w, c)
