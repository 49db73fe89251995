"""Channels last in memory, NCHW in the interface; and what a fast rule takes.

As for NumPy (minin.fast.cpu.layout): an image that lies as (H, W, C) is a table with one row for
each pixel, so a 1x1 convolution is one product and copies nothing. Unlike there, a bias is no
further column of the table: cuBLAS likes rows whose length is a multiple of 4, and a kernel that
adds the bias has to run for the ReLU anyway.
"""

from __future__ import annotations

from minin.backend import Array, namespace
from minin.shapes import Pair, Window


def channels_last(x: Array) -> Array:
    """Return images with channels last in memory, copied only if they do not lie so.

    Shapes: x (N, C, H, W) -> (N, H, W, C).
    """
    xp = namespace(x)
    return xp.ascontiguousarray(xp.transpose(x, (0, 2, 3, 1)))


def channels_first(images: Array) -> Array:
    """Return the interface's view.  Shapes: images (N, H, W, C) -> (N, C, H, W)."""
    return namespace(images).transpose(images, (0, 3, 1, 2))


def lies_channels_last(x: Array) -> bool:
    """Tell whether images (N, C, H, W) lie with channels last, and densely."""
    return bool(namespace(x).transpose(x, (0, 2, 3, 1)).flags.c_contiguous)


def as_it_lies(x: Array, channels_behind: bool) -> Array:
    """Return an array's numbers in one of two orders, copied only if they do not lie so.

    Args:
        x: any array; images if ``channels_behind``.
        channels_behind: whether the order is that of channels last, or else the array's own.

    Shapes: x (...) -> (size,).
    """
    xp = namespace(x)
    return xp.reshape(channels_last(x) if channels_behind else xp.ascontiguousarray(x), (-1,))


def like_it(numbers: Array, shape: tuple[int, ...], channels_behind: bool) -> Array:
    """Undo `as_it_lies`.  Shapes: numbers (size,) -> (shape)."""
    xp = namespace(numbers)
    if not channels_behind:
        return xp.reshape(numbers, shape)
    n, c, h, w = shape
    return channels_first(xp.reshape(numbers, (n, h, w, c)))


def lies_behind(x: Array) -> bool:
    """Tell which order of `as_it_lies` needs no copy: True for channels last."""
    return x.ndim == 4 and not x.flags.c_contiguous and lies_channels_last(x)


def taps_of(weight: Array) -> Array:
    """Lay filters out as im2col's rows are.  Shapes: weight (O, C, KH, KW) -> (O, KH*KW*C)."""
    return namespace(weight).reshape(channels_last(weight), (weight.shape[0], -1))


def weight_of(taps: Array, channels: int, kernel: Pair) -> Array:
    """Undo `taps_of`.  Shapes: taps (O, KH*KW*C) -> (O, C, KH, KW), a view."""
    xp = namespace(taps)
    return channels_first(xp.reshape(taps, (taps.shape[0], *kernel, channels)))


def geometry(window: Window, size: Pair, channels: int) -> tuple[int, ...]:
    """List what kernels call WINDOW, in that order.

    Args:
        window: what slides.
        size: (H, W) of the image.
        channels: C.
    """
    (top, _), (left, _) = window.padding
    out = window.output_size(size)
    steps = (*window.kernel, *window.stride, *window.dilation)
    return (*size, channels, *out, *steps, top, left)
