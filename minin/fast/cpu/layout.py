"""Channels last in memory, NCHW in the interface; tiles; and what is done to rows of channels.

An image that lies as (H, W, C) is a table: one row for each pixel, one column for each channel.
A 1x1 convolution is then one product of that table with a matrix, with nothing copied;
im2col copies runs of KW*C numbers; pooling compares whole rows. The interface stays NCHW: an
array (N, H, W, C) goes out as its transposed view, and comes back as one.

A layer's bias is a weight too, on an input that is always 1. Tables that are multiplied by
weights therefore have a last column of ones where there is room for it:

    [x | 1] (R, C+1)  @  [weight; bias] (C+1, O)  =  y (R, O)

so that one product adds the bias, and the transposed product yields both gradients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minin.backend import Array
from minin.fast.cpu import recycle, scratch


class WorkTile(NamedTuple):
    """Some images, or a band of the output rows of one image."""

    first: int  # image
    last: int  # beyond the last image
    top: int = 0  # output row
    bottom: int | None = None  # beyond the last output row; None for all

    def of(self, images: Array) -> Array:
        """Cut the tile out.  Shapes: images (N, OH, OW, C) -> (n, rows, OW, C), a view."""
        return images[self.first : self.last, self.top : self.bottom]

    def rows(self, images: Array) -> Array:
        """Cut the tile out as a table.  Shapes: images (N, OH, OW, C) -> (R, C), a view."""
        part = self.of(images)
        n, h, w, c = part.shape
        return part.reshape(n * h * w, c)


def channels_last(x: Array) -> Array:
    """Return images with channels last in memory, copied only if they do not lie so.

    Shapes: x (N, C, H, W) -> (N, H, W, C).
    """
    images = np.transpose(x, (0, 2, 3, 1))
    if images.flags.c_contiguous:
        return images
    copied = recycle.empty_like(images)
    np.copyto(copied, images)
    return copied


def channels_first(images: Array) -> Array:
    """Return the interface's view.  Shapes: images (N, H, W, C) -> (N, C, H, W)."""
    return np.transpose(images, (0, 3, 1, 2))


def as_it_lies(x: Array, like: Array | None = None) -> Array:
    """Return an array's numbers in the order of memory, copied only if they do not lie densely.

    Args:
        x: any array.
        like: an array of the same shape whose order is wanted; None for x's own.

    Shapes: x (...) -> (size,).
    """
    order = x if like is None else like
    if x.ndim == 4 and not order.flags.c_contiguous and _lies_channels_last(order):
        return channels_last(x).reshape(-1)
    return np.ascontiguousarray(x).reshape(-1)


def like_it(numbers: Array, x: Array) -> Array:
    """Undo `as_it_lies`.  Shapes: numbers (size,), x (...) -> (...) with x's axes."""
    if x.ndim == 4 and not x.flags.c_contiguous and _lies_channels_last(x):
        n, c, h, w = x.shape
        return channels_first(numbers.reshape(n, h, w, c))
    return numbers.reshape(x.shape)


def _lies_channels_last(x: Array) -> bool:
    return bool(np.transpose(x, (0, 2, 3, 1)).flags.c_contiguous)


def taps_of(weight: Array) -> Array:
    """Copy filters, laid out as im2col's rows are.

    Shapes: weight (O, C, KH, KW) -> (KH*KW*C, O).
    """
    o, c, kh, kw = weight.shape
    taps = np.array(np.transpose(weight, (2, 3, 1, 0)), order="C", copy=True)
    return taps.reshape(kh * kw * c, o)


def weight_of(taps: Array, kernel: tuple[int, int]) -> Array:
    """Undo `taps_of`.  Shapes: taps (KH*KW*C, O) -> weight (O, C, KH, KW)."""
    o, c = taps.shape[1], taps.shape[0] // (kernel[0] * kernel[1])
    return np.ascontiguousarray(np.transpose(taps.reshape(*kernel, c, o), (3, 2, 0, 1)))


def with_bias(taps: Array, bias: Array | None) -> Array:
    """Append the bias as the weights of a constant 1.  Shapes: taps (K, O) -> (K+1, O)."""
    last = np.zeros(taps.shape[1], taps.dtype) if bias is None else bias
    return np.concatenate([taps, last[None]])


def relu_into(out: Array, rows: Array) -> None:
    """Write the positive part of rows into out.  Shapes: both (..., C)."""
    zeros = scratch.take("zeros", (rows.shape[-1],), rows.dtype)
    zeros.fill(0)
    np.maximum(rows, zeros, out=out)  # against a single 0 NumPy takes twice as long


def relu_slope_into(out: Array, grad: Array, y: Array) -> None:
    """Let the gradient through where a ReLU's output is positive; 0 elsewhere.

    Shapes: out, grad, y (R, C).
    """
    opened = scratch.take("opened", y.shape, np.bool_)
    np.greater(y, 0, out=opened)
    keep_where(out, grad, opened)


def keep_where(out: Array, x: Array, mask: Array) -> None:
    """Write x where the mask is True, and 0 elsewhere.

    A product with the mask would make NaN of an infinite x that is not kept, and NumPy's
    `where` takes ten times as long: the mask is laid over the bits instead.

    Shapes: out, x, mask (...); out may be x.
    """
    bits = np.dtype(f"i{x.dtype.itemsize}")
    cover = scratch.take("cover", mask.shape, bits)
    np.copyto(cover, mask)  # 0 or 1
    np.negative(cover, out=cover)  # 0 or -1, whose bits are all set
    np.bitwise_and(x.view(bits), cover, out=out.view(bits))
