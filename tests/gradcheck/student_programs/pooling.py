"""Twelve students who wrote a pooling."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass.
# ruff: noqa: ARG001, N806, RUF005, RUF059
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.gradcheck.student_programs.student_program import Array, StudentProgram, maps, spread

# ------------------------------------------------------------- max: the CS231n loops


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out, W_out = 1 + (H - HH) // s, 1 + (W - WW) // s
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, c, i, j] = np.max(x[n, c, i * s : i * s + HH, j * s : j * s + WW])
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * s : i * s + HH, j * s : j * s + WW]
                    r, q = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * s + r, j * s + q] = dout[n, c, i, j]
    return dx


# -------------------------------------------------------------- max: from a Fortran book


class MaxPoolF:
    def __init__(self, kernel, stride):
        self.kernel = kernel
        self.stride = stride

    def forward(self, x):
        kh, kw = self.kernel
        s = self.stride
        win = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
        flat = win.reshape(win.shape[:4] + (kh * kw,))
        self.cache = (x.shape, flat.argmax(axis=-1))
        return flat.max(axis=-1)

    def backward(self, dy):
        shape, arg = self.cache
        dx = np.zeros(shape)
        r, q = np.unravel_index(arg, self.kernel, order="F")
        n, c, i, j = np.indices(dy.shape)
        np.add.at(dx, (n, c, i * self.stride + r, j * self.stride + q), dy)
        return dx


def maxf_forward(x, kernel_size, stride):
    layer = MaxPoolF(kernel_size, stride)
    return layer.forward(x), layer


def maxf_backward(dy, layer):
    return (layer.backward(dy),)


# ------------------------------------------------- max: the reshape trick and its ties


def max_pool_forward_reshape(x, pool_param):
    N, C, H, W = x.shape
    ph, pw = pool_param["pool_height"], pool_param["pool_width"]
    x_reshaped = x.reshape(N, C, H // ph, ph, W // pw, pw)
    out = x_reshaped.max(axis=3).max(axis=4)
    return out, (x, x_reshaped, out)


def max_pool_backward_reshape(dout, cache):
    x, x_reshaped, out = cache
    dx_reshaped = np.zeros_like(x_reshaped)
    out_newaxis = out[:, :, :, np.newaxis, :, np.newaxis]
    mask = x_reshaped == out_newaxis
    dout_newaxis = dout[:, :, :, np.newaxis, :, np.newaxis]
    dout_broadcast, _ = np.broadcast_arrays(dout_newaxis, dx_reshaped)
    dx_reshaped[mask] = dout_broadcast[mask]
    return dx_reshaped.reshape(x.shape)


# ----------------------------------------------------------------- max: "just upsample"


def shrink(x, kernel_size=2, stride=2):
    k = kernel_size
    x = x[:, :, : x.shape[2] // k * k, : x.shape[3] // k * k]
    y = np.maximum.reduce([x[:, :, i::k, j::k] for i in range(k) for j in range(k)])
    return y, k


def shrink_back(dy, k):
    return (np.kron(dy, np.ones((1, 1, k, k))),)


# ---------------------------------------------------- max: padded, argmax done once more


class PaddedMaxPool:
    def __init__(self, size, stride, pad):
        self.size, self.stride, self.pad = size, stride, pad

    def forward(self, x):
        p, k, s = self.pad, self.size, self.stride
        self.x = x
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf)
        oh, ow = (xp.shape[2] - k) // s + 1, (xp.shape[3] - k) // s + 1
        out = np.empty(x.shape[:2] + (oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, :, i, j] = xp[:, :, i * s : i * s + k, j * s : j * s + k].max(axis=(2, 3))
        return out

    def backward(self, dout):
        p, k, s = self.pad, self.size, self.stride
        N, C, H, W = self.x.shape
        xp = np.pad(self.x, ((0, 0), (0, 0), (p, p), (p, p)))
        dxp = np.zeros_like(xp)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                win = xp[:, :, i * s : i * s + k, j * s : j * s + k].reshape(N, C, -1)
                onehot = np.eye(k * k)[win.argmax(axis=2)].reshape(N, C, k, k)
                dxp[:, :, i * s : i * s + k, j * s : j * s + k] += (
                    onehot * dout[:, :, i, j, None, None]
                )
        return dxp[:, :, p : p + H, p : p + W]


def padded_forward(x, kernel_size, stride, pad):
    layer = PaddedMaxPool(kernel_size, stride, pad)
    return layer.forward(x), layer


def padded_backward(dout, layer):
    return (layer.backward(dout),)


# ---------------------------------------------------- max: stride taken for kernel, in C


def maxpool_fwd(src, kernel_size, stride):
    k = kernel_size
    mb, c, ih, iw = src.shape
    oh, ow = (ih - k) // stride + 1, (iw - k) // stride + 1
    dst = np.empty((mb, c, oh, ow))
    ws = np.zeros((mb, c, oh, ow), dtype=int)
    for n in range(mb):
        for ch in range(c):
            for y in range(oh):
                for x in range(ow):
                    best = -1e38
                    for i in range(k):
                        for j in range(k):
                            v = src[n, ch, y * stride + i, x * stride + j]
                            if v > best:
                                best = v
                                ws[n, ch, y, x] = i * k + j
                    dst[n, ch, y, x] = best
    return dst, (src.shape, ws, k)


def maxpool_bwd(diff_dst, cache):
    shape, ws, k = cache
    diff_src = np.zeros(shape)
    mb, c, oh, ow = diff_dst.shape
    for n in range(mb):
        for ch in range(c):
            for y in range(oh):
                for x in range(ow):
                    i, j = divmod(int(ws[n, ch, y, x]), k)
                    diff_src[n, ch, y * k + i, x * k + j] += diff_dst[n, ch, y, x]
    return diff_src


# ---------------------------------------------------------- max: flat indices, as in torch


def pool_with_indices(x, kernel_size, stride):
    kh, kw = kernel_size
    N, C, H, W = x.shape
    pixel = np.arange(H * W).reshape(H, W)
    pick = sliding_window_view(pixel, (kh, kw))[::stride, ::stride]
    oh, ow = pick.shape[:2]
    pick = pick.reshape(oh * ow, kh * kw)
    values = x.reshape(N * C, H * W)[:, pick]  # NC, OH*OW, KH*KW
    best = values.argmax(-1)
    indices = pick[np.arange(oh * ow), best]  # NC, OH*OW
    out = np.take_along_axis(x.reshape(N * C, H * W), indices, axis=1)
    return out.reshape(N, C, oh, ow), (x.shape, indices)


def unpool(grad, cache):
    shape, indices = cache
    dx = np.zeros((shape[0] * shape[1], shape[2] * shape[3]))
    dx[np.arange(len(dx))[:, None], indices] += grad.reshape(len(dx), -1)
    return (dx.reshape(shape),)


# ------------------------------------------------------------------------------- average


def avg_pool_forward(x, pool_param):
    ph, pw = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    oh, ow = (H - ph) // s + 1, (W - pw) // s + 1
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, :, i, j] = np.mean(x[:, :, i * s : i * s + ph, j * s : j * s + pw], axis=(2, 3))
    return out, (x.shape, pool_param)


def avg_pool_backward(dout, cache):
    shape, pool_param = cache
    ph, pw = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    dx = np.zeros(shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            average = dout[:, :, i, j] / ph
            dx[:, :, i * s : i * s + ph, j * s : j * s + pw] += average[:, :, None, None] * np.ones(
                (ph, pw)
            )
    return dx


class AveragePooling2D:
    """pool_size and strides as in Keras."""

    def __init__(self, pool_size, strides):
        self.pool_size, self.strides = pool_size, strides

    def call(self, x):
        k, s = self.pool_size, self.strides
        self.input_shape = x.shape
        b, c, h, w = x.shape
        t = x.strides
        win = as_strided(
            x,
            (b, c, (h - k) // s + 1, (w - k) // s + 1, k, k),
            (t[0], t[1], t[2] * s, t[3] * s, t[2], t[3]),
        )
        return win.mean((4, 5))

    def gradient(self, g):
        k, s = self.pool_size, self.strides
        _, _, oh, ow = g.shape
        dx = np.zeros(self.input_shape)
        for y in range(oh):
            for x in range(ow):
                dx[..., y * s : y * s + k, x * s : x * s + k] = g[..., y, x, None, None] / k**2
        return dx


def keras_avg_forward(x, kernel_size, stride):
    layer = AveragePooling2D(kernel_size, stride)
    return layer.call(np.ascontiguousarray(x)), layer


def keras_avg_backward(g, layer):
    return (layer.gradient(g),)


def mean_pool(x, kernel_size, stride):
    """Windows side by side; rows that are left over are not used."""
    k = kernel_size
    oh, ow = x.shape[2] // k, x.shape[3] // k
    tiles = x[:, :, : oh * k, : ow * k].reshape(*x.shape[:2], oh, k, ow, k)
    return tiles.mean(5).mean(3), (x.shape, k)


def mean_pool_back(dy, cache):
    (N, C, H, W), k = cache
    # to which output does each row, each column belong?
    rows = np.minimum(np.arange(H) // k, dy.shape[2] - 1)
    cols = np.minimum(np.arange(W) // k, dy.shape[3] - 1)
    return dy[:, :, rows][:, :, :, cols] / k**2


# ------------------------------------------------------------------------ global average


def gap_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def gap_backward(dout, shape):
    return np.broadcast_to(dout[:, :, np.newaxis, np.newaxis], shape).copy()


class GlobalAvgPool:
    def forward(self, x):
        self.shape = x.shape
        n, c, h, w = x.shape
        return x.reshape(n, c, h * w).sum(axis=2) / (h * w)

    def backward(self, grad):
        n, h, w, c = self.shape
        return np.ones(self.shape) * grad.reshape(*grad.shape, 1, 1) / (h * w)


def global_forward(x):
    layer = GlobalAvgPool()
    return layer.forward(x), layer


def global_backward(grad, layer):
    return layer.backward(grad)


# --------------------------------------------------------------------------------- draws


def draw_ties(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    """Draw what a ReLU leaves: about half the numbers are exactly 0; one window is all 0."""
    x = np.maximum(spread(rng, 2, 3, 4, 6), 0.0)
    x[0, 0, :2, :2] = 0.0
    return [x], {"pool_param": {"pool_height": 2, "pool_width": 2, "stride": 2}}


def draw_below(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    """Draw numbers of which most are negative, so that a zero in the padding would win."""
    return [spread(rng, 2, 3, 5, 7) - 1.013], {"kernel_size": 3, "stride": 2, "pad": 1}


POOLING = (
    StudentProgram(
        "maxpool-naive-overlap-assigned",
        "max_pool2d",
        "C3",
        ("C1", "C2"),
        "A pixel that wins in two overlapping windows keeps only the last window's gradient.",
        max_pool_forward_naive,
        max_pool_backward_naive,
        maps(2, 2, 7, 5, pool_param={"pool_height": 3, "pool_width": 3, "stride": 2}),
    ),
    StudentProgram(
        "maxpool-class-argmax-unravelled-in-fortran-order",
        "max_pool2d",
        "B10",
        (),
        "The place of the maximum in the window is unravelled column by column.",
        maxf_forward,
        maxf_backward,
        maps(2, 3, 5, 7, kernel_size=(2, 3), stride=2),
    ),
    StudentProgram(
        "maxpool-reshape-all-ties-get-everything",
        "max_pool2d",
        "E4",
        (),
        "Every pixel that equals the maximum gets the whole gradient of its window.",
        max_pool_forward_reshape,
        max_pool_backward_reshape,
        draw_ties,
    ),
    StudentProgram(
        "maxpool-kron-spreads-over-the-window",
        "max_pool2d",
        "E6",
        (),
        "All pixels of a window get its gradient, not just the largest.",
        shrink,
        shrink_back,
        maps(2, 3, 4, 6, kernel_size=2, stride=2),
    ),
    StudentProgram(
        "maxpool-class-padding-zero-in-backward",
        "max_pool2d",
        "D7",
        (),
        "Backward pads with 0 and not -inf before it looks for the maximum again.",
        padded_forward,
        padded_backward,
        draw_below,
    ),
    StudentProgram(
        "maxpool-c-steps-by-the-kernel",
        "max_pool2d",
        "D1",
        (),
        "Backward places the windows every k pixels, although the stride is larger.",
        maxpool_fwd,
        maxpool_bwd,
        maps(2, 2, 8, 5, kernel_size=2, stride=3),
    ),
    StudentProgram(
        "maxpool-indices-buffered-add",
        "max_pool2d",
        "C2",
        ("C3",),
        "dx[rows, indices] += g adds only once where a pixel wins in several windows.",
        pool_with_indices,
        unpool,
        maps(2, 3, 5, 7, kernel_size=(3, 2), stride=1),
    ),
    StudentProgram(
        "avgpool-divided-by-the-height",
        "avg_pool2d",
        "A4",
        (),
        "The gradient is divided by the height of the window, not by its number of pixels.",
        avg_pool_forward,
        avg_pool_backward,
        maps(2, 3, 7, 5, pool_param={"pool_height": 3, "pool_width": 2, "stride": 2}),
    ),
    StudentProgram(
        "avgpool-keras-overlap-assigned",
        "avg_pool2d",
        "C1",
        (),
        "Windows overlap, and the gradient is assigned where it should be added.",
        keras_avg_forward,
        keras_avg_backward,
        maps(2, 3, 5, 7, kernel_size=3, stride=2),
    ),
    StudentProgram(
        "avgpool-leftover-rows-get-the-last-window",
        "avg_pool2d",
        "D6",
        (),
        "Rows and columns that no window covers get the gradient of the last window.",
        mean_pool,
        mean_pool_back,
        maps(2, 2, 7, 11, kernel_size=3, stride=3),
    ),
    StudentProgram(
        "gap-not-divided",
        "global_avg_pool2d",
        "A3",
        ("A4",),
        "The gradient is spread over the map without dividing by H * W.",
        gap_forward,
        gap_backward,
        maps(2, 3, 5, 7),
    ),
    StudentProgram(
        "gap-class-unpacks-nhwc",
        "global_avg_pool2d",
        "A4",
        ("A3",),
        "The shape is unpacked as N, H, W, C, so the gradient is divided by C * H.",
        global_forward,
        global_backward,
        maps(2, 3, 5, 7),
    ),
)
