"""Convolution, and the 1x1 convolution that is one matrix product.

    y[n, o] = bias[o] + weights[o] @ columns[n]         columns from `windows.gather`

    grad_w = sum over n of grad_y[n] @ columns[n].T
    grad_x = windows.scatter of weights.T @ grad_y[n]
    grad_b = sum of grad_y over n, rows and columns

Groups split the channels of x and y; each group has weights of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minin.gradcheck.recognise.references.columns import flat, misread_order
from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    image_lengths,
    kernel_lengths,
    same_padding,
    stride_and_pad,
    upstream,
)
from minin.gradcheck.recognise.references.windows import (
    SCATTER,
    Grid,
    gather,
    grid_of,
    misplaced,
    scatter,
)


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Array, Cache]:
    """Slide kernels over images that are padded with zeros.

    Shapes: x (N, C, H, W), w (O, C/groups, KH, KW), b (O) -> (N, O, OH, OW).
    """
    grid = grid_of(x.shape[2:], w.shape[2:], stride, pad, dilation)
    columns = _in_groups(flat(gather(x, grid)), groups)  # (N, groups, K, P)
    y = _grouped_weights(w, groups) @ columns  # (N, groups, O/groups, P)
    y = y.reshape(x.shape[0], w.shape[0], grid.rows.outputs, grid.columns.outputs)
    return (y if b is None else y + b[:, None, None]), (x, w, b, grid, groups)


def conv2d_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Take the gradient back to the image, the weights and the bias."""
    x, w, b, grid, groups = cache
    grad_y = upstream(grad_y, bug)
    cut_again = _channels_cut_again(grad_y) if bug == "B5" else grad_y
    return (
        _grad_x(cut_again, w, grid, groups, bug),
        _grad_w(cut_again, x, w, grid, groups, bug),
        None if b is None else grad_b(grad_y, bug),
    )


def _in_groups(table: Array, groups: int) -> Array:
    """Shapes: table (N, K, P) -> (N, G, K/G, P)."""
    return table.reshape(table.shape[0], groups, -1, table.shape[-1])


def _grouped_weights(w: Array, groups: int) -> Array:
    """Shapes: w (O, C/G, KH, KW) -> (G, O/G, C/G*KH*KW)."""
    return w.reshape(groups, w.shape[0] // groups, -1)


def _channels_cut_again(grad_y: Array) -> Array:
    """Make (O, N*P) by reshape where samples and channels should have changed places."""
    n, o = grad_y.shape[:2]
    return grad_y.reshape(o, n, *grad_y.shape[2:]).swapaxes(0, 1)


def _grad_x(grad_y: Array, w: Array, grid: Grid, groups: int, bug: str | None) -> Array:
    if bug == "B3":  # turned once too often
        w = w[..., ::-1, ::-1]
    table = _in_groups(grad_y.reshape(*grad_y.shape[:2], -1), groups)  # (N, G, O/G, P)
    columns = _grouped_weights(w, groups).swapaxes(1, 2) @ table  # (N, G, K, P)
    cells = columns.reshape(grad_y.shape[0], -1, *w.shape[2:], *grad_y.shape[2:])
    grad_x = scatter(misread_order(cells, bug), grid, bug)
    if bug == "B5 image":  # (N, H, W, C) reshaped to (N, C, H, W)
        return grad_x.transpose(0, 2, 3, 1).reshape(grad_x.shape)
    if bug == "B12":
        return grad_x[:, ::-1]
    return np.zeros_like(grad_x) if bug == "H10" else grad_x


def _grad_w(grad_y: Array, x: Array, w: Array, grid: Grid, groups: int, bug: str | None) -> Array:
    wrong = misplaced(grid, bug.removesuffix(" weight")) if bug in _MISPLACED_WEIGHT else grid
    grad_y = grad_y[:, :, : wrong.rows.outputs, : wrong.columns.outputs]
    table = _in_groups(grad_y.reshape(*grad_y.shape[:2], -1), groups)  # (N, G, O/G, P)
    columns = _in_groups(flat(gather(x, wrong)), groups)  # (N, G, K, P)
    pieces = (table @ columns.swapaxes(2, 3)).reshape(len(x), *w.shape)  # one a sample
    return _arrange(over_samples(pieces, bug), bug)


_MISPLACED_WEIGHT = ("D1 weight", "D8 weight", "D9 weight")


def over_samples(pieces: Array, bug: str | None) -> Array:
    """Add the samples' gradients of a parameter up.

    Shapes: pieces (N, ...) -> (...).
    """
    if bug == "C5":
        return np.array(pieces[-1])
    if bug == "A2":
        return np.asarray(pieces.mean(axis=0))
    return np.asarray(pieces.sum(axis=0))


def _arrange(grad_w: Array, bug: str | None) -> Array:
    """Return the gradient of the weights, its numbers in the right order or not."""
    orders = {
        "B3 weight": grad_w[..., ::-1, ::-1],
        "B4 weight": grad_w.transpose(0, 2, 3, 1).reshape(grad_w.shape),
        "B8 weight": grad_w.swapaxes(2, 3).reshape(grad_w.shape),
        "B8 shape": grad_w.swapaxes(2, 3),
        "B9": grad_w.swapaxes(0, 1),
        "B9 reshape": grad_w.swapaxes(0, 1).reshape(grad_w.shape),
    }
    return orders.get(bug or "", grad_w)


def grad_b(grad_y: Array, bug: str | None) -> Array:
    """Sum the gradient over all axes but the channels'.

    Shapes: grad_y (N, O, ...) -> (O).
    """
    others = (0, *range(2, grad_y.ndim))
    if bug == "G1":
        return np.asarray(grad_y.sum(axis=tuple(range(1, grad_y.ndim))))
    if bug == "G1 batch":
        return np.asarray(grad_y.sum(axis=0))
    if bug == "G5":
        return np.asarray(grad_y.mean(axis=others))
    if bug == "G5 batch":
        return np.asarray(grad_y.sum(axis=others) / len(grad_y))
    return np.asarray(grad_y[-1:].sum(axis=others) if bug == "C5 bias" else grad_y.sum(axis=others))


BIAS = dict.fromkeys(("C5 bias", "G1", "G1 batch", "G5", "G5 batch"), "b")


def draw_conv2d(rng: Rng) -> tuple[list[Array], Params]:
    """Draw images, kernels and a bias: plain, grouped, dilated, or an even kernel's "same"."""
    (n, c, o), size = image_lengths(rng, 3)
    kernel, groups = kernel_lengths(rng, size), 1
    params: Params = stride_and_pad(rng, kernel)
    kind = rng.random()
    if kind < 0.2:
        kernel, params = same_padding(rng)
    elif kind < 0.35 and max(kernel) <= 3:
        params["dilation"] = 2
    elif kind < 0.5:
        n, c, o, groups = 3, 4, 2, 2
        params["groups"] = groups
    inputs = [distinct(rng, (n, c, *size)), distinct(rng, (o, c // groups, *kernel))]
    return [*inputs, distinct(rng, (o,))], params


# -------------------------------------------------------------------------------- conv1x1


def conv1x1(x: Array, w: Array, b: Array | None = None) -> tuple[Array, Cache]:
    """Mix the channels of each pixel.

    Shapes: x (N, C, H, W), w (O, C), b (O) -> (N, O, H, W).
    """
    y = np.tensordot(x, w, axes=(1, 1)).transpose(0, 3, 1, 2)
    return (y if b is None else y + b[:, None, None]), (x, w, b)


def conv1x1_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Take the gradient back to the image, the weights and the bias."""
    x, w, b = cache
    grad_y = upstream(grad_y, bug)
    cut_again = _channels_cut_again(grad_y) if bug == "B5" else grad_y
    grad_b_ = None if b is None else grad_b(grad_y, bug)
    return _grad_pixels(cut_again, w, bug), _grad_mix(cut_again, x, bug), grad_b_


def _grad_pixels(grad_y: Array, w: Array, bug: str | None) -> Array:
    if bug == "B2" and w.shape[0] == w.shape[1]:
        w = w.T
    grad_x = np.tensordot(grad_y, w, axes=(1, 0)).transpose(0, 3, 1, 2)  # (N, C, H, W)
    n, c, height, width = grad_x.shape
    orders = {
        "B5 image": grad_x.transpose(0, 2, 3, 1).reshape(grad_x.shape),
        "B6": grad_x.transpose(1, 0, 2, 3).reshape(c, height, width, n).transpose(3, 0, 1, 2),
        "B7": grad_x.reshape(n, c, width, height),
        "B7 windows": grad_x.reshape(n, c, width, height).swapaxes(2, 3),
        "B12": grad_x[:, ::-1],
        "H10": np.zeros_like(grad_x),
    }
    return orders.get(bug or "", grad_x)


def _grad_mix(grad_y: Array, x: Array, bug: str | None) -> Array:
    n, o, c = len(x), grad_y.shape[1], x.shape[1]
    pieces = grad_y.reshape(n, o, -1) @ x.reshape(n, c, -1).swapaxes(1, 2)  # (N, O, C)
    grad_w = over_samples(pieces, bug)
    orders = {"B1": grad_w.T, "B9": grad_w.T.reshape(grad_w.shape)}
    return orders.get(bug or "", grad_w)


def draw_conv1x1(rng: Rng) -> tuple[list[Array], Params]:
    """Draw images, a matrix (square now and then) and a bias."""
    (n, c, o), size = image_lengths(rng, 3)
    o = c if coin(rng, 0.2) else o
    return [distinct(rng, (n, c, *size)), distinct(rng, (o, c)), distinct(rng, (o,))], {}


CONV2D = Reference(
    "conv2d", ("x", "w", "b"), conv2d, conv2d_backward, draw_conv2d,
    {**UPSTREAM, "B5": None, **dict.fromkeys(("B3", "B4", "B5 image", "B6", "B12", "H10",
    *SCATTER), "x"), **dict.fromkeys(("A2", "C5", "B3 weight", "B4 weight", "B8 weight",
    "B8 shape"), "w"), **dict.fromkeys(("B9", "B9 reshape", *_MISPLACED_WEIGHT), "w"), **BIAS},
)  # fmt: skip
CONV1X1 = Reference(
    "conv1x1", ("x", "w", "b"), conv1x1, conv1x1_backward, draw_conv1x1,
    {**UPSTREAM, "B5": None, **dict.fromkeys(("B2", "B5 image", "B6", "B7", "B7 windows", "B12",
    "H10"), "x"), **dict.fromkeys(("A2", "B1", "B9", "C5"), "w"), **BIAS},
)  # fmt: skip
