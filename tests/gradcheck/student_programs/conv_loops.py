"""Six convolutions as loops over positions, and over taps of the kernel."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass.
# ruff: noqa: C901, N806, RUF059
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from tests.gradcheck.student_programs.student_program import StudentProgram, images

# --------------------------------------------------------- the CS231n way: naive loops


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride, j * stride
                    out[n, f, i, j] = np.sum(x_pad[n, :, hs : hs + HH, ws : ws + WW] * w[f]) + b[f]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                hs, ws = i * stride, j * stride
                window = x_pad[n, :, hs : hs + HH, ws : ws + WW]
                for f in range(F):
                    dw[f] += window * dout[n, f, i, j]
                    db[f] += dout[n, f, i, j]
                # all filters at once
                dx_pad[n, :, hs : hs + HH, ws : ws + WW] = np.sum(
                    w * dout[n, :, i, j].reshape(F, 1, 1, 1), axis=0
                )
    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db


# --------------------------------------------------------- a loop over output positions


def pos_forward(x, w, b, stride, pad):
    n, c, h, wd = x.shape
    f, _, kh, kw = w.shape
    xp = np.zeros((n, c, h + 2 * pad, wd + 2 * pad))
    xp[:, :, pad : pad + h, pad : pad + wd] = x
    oh = (h + 2 * pad - kh) // stride + 1
    ow = (wd + 2 * pad - kw) // stride + 1
    out = np.empty((n, f, oh, ow))
    for i in range(oh):
        for j in range(ow):
            patch = xp[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, :, i, j] = patch.reshape(n, -1).dot(w.reshape(f, -1).T) + b
    return out, (xp, w, stride, pad)


def pos_backward(dout, cache):
    xp, w, stride, pad = cache
    n, f, oh, ow = dout.shape
    _, c, kh, kw = w.shape
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(oh):
        for j in range(ow):
            d = dout[:, :, i, j]
            rows, cols = slice(i, i + kh), slice(j, j + kw)
            patch = xp[:, :, rows, cols]
            dw += d.T.dot(patch.reshape(n, -1)).reshape(w.shape)
            dxp[:, :, rows, cols] += d.dot(w.reshape(f, -1)).reshape(n, c, kh, kw)
    H, W = xp.shape[2] - 2 * pad, xp.shape[3] - 2 * pad
    return dxp[:, :, pad : pad + H, pad : pad + W], dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)


# ------------------------------------------------------------------- ported from Matlab


def cnnff(x, w, b, stride=1, pad=0):
    [n, c, h, wd] = x.shape
    [f, c, kh, kw] = w.shape
    xp = np.zeros([n, c, h + 2 * pad, wd + 2 * pad])
    xp[:, :, (pad + 1 - 1) : (pad + h), (pad + 1 - 1) : (pad + wd)] = x
    oh = int(np.floor((h + 2 * pad - kh) / stride)) + 1
    ow = int(np.floor((wd + 2 * pad - kw) / stride)) + 1
    a = np.zeros([n, f, oh, ow])
    for k in range(1, f + 1):
        for u in range(1, kh + 1):
            for v in range(1, kw + 1):
                r = slice(u - 1, u - 1 + stride * oh, stride)
                t = slice(v - 1, v - 1 + stride * ow, stride)
                for ch in range(1, c + 1):
                    a[:, k - 1] += w[k - 1, ch - 1, u - 1, v - 1] * xp[:, ch - 1, r, t]
        a[:, k - 1] += b[k - 1]
    return a, (x, xp, w, stride, pad)


def cnnbp(delta, cache):
    (x, xp, w, stride, pad) = cache
    [n, c, h, wd] = x.shape
    [f, c, kh, kw] = w.shape
    [n, f, oh, ow] = delta.shape
    dxp = np.zeros(xp.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(f)
    for k in range(1, f + 1):
        for u in range(1, kh + 1):
            for v in range(1, kw + 1):
                r = slice(u - 1, u - 1 + stride * oh, stride)
                t = slice(v - 1, v - 1 + stride * ow, stride)
                for ch in range(1, c + 1):
                    dxp[:, ch - 1, r, t] += w[k - 1, ch - 1, u - 1, v - 1] * delta[:, k - 1]
                    dw[k - 1, ch - 1, u - 1, v - 1] = np.sum(xp[:, ch - 1, r, t] * delta[:, k - 1])
        db[k - 1] = np.sum(delta[:, k - 1])
    dx = dxp[:, :, (pad - 1) : (pad + h - 1), (pad - 1) : (pad + wd - 1)]
    return dx, dw, db


# --------------------------------------------------------- people who think in NHWC


def tf_forward(x, w, b, stride=1, pad=0):
    X = x.transpose(0, 2, 3, 1)  # NCHW -> NHWC
    K = w.transpose(2, 3, 1, 0)  # OIHW -> HWIO
    X = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    kh, kw = K.shape[:2]
    oh, ow = (X.shape[1] - kh) // stride + 1, (X.shape[2] - kw) // stride + 1
    Y = np.zeros((X.shape[0], oh, ow, K.shape[3]))
    for i in range(kh):
        for j in range(kw):
            Y += X[:, i : i + oh * stride : stride, j : j + ow * stride : stride, :] @ K[i, j]
    Y += b
    return Y.transpose(0, 3, 1, 2), (X, K, stride, pad)


def tf_backward(dy, cache):
    X, K, stride, pad = cache
    dY = dy.transpose(0, 2, 3, 1)
    _, oh, ow, cout = dY.shape
    kh, kw, cin, _ = K.shape
    dX, dK = np.zeros_like(X), np.zeros_like(K)
    for i in range(kh):
        for j in range(kw):
            rows = slice(i, i + oh * stride, stride)
            cols = slice(j, j + ow * stride, stride)
            dX[:, rows, cols, :] += dY @ K[i, j].T
            dK[i, j] = X[:, rows, cols, :].reshape(-1, cin).T @ dY.reshape(-1, cout)
    dX = dX[:, pad : X.shape[1] - pad, pad : X.shape[2] - pad, :]
    return dX.transpose(0, 3, 2, 1), dK.transpose(3, 2, 0, 1), dY.sum(axis=(0, 1, 2))


class KerasConv2D:
    def __init__(self, kernel, bias, strides, padding):
        self.kernel = kernel
        self.bias = bias
        self.strides = strides
        self.padding = padding
        self.cache = {}

    def call(self, inputs):
        p = self.padding
        batch = len(inputs)
        filters, channels, rows, cols = self.kernel.shape
        padded = np.pad(inputs, [[0, 0], [0, 0], [p, p], [p, p]])
        new_rows = (padded.shape[2] - rows) // self.strides + 1
        new_cols = (padded.shape[3] - cols) // self.strides + 1
        output = np.zeros((batch, filters, new_rows, new_cols))
        for r in range(new_rows):
            for c in range(new_cols):
                top, left = r * self.strides, c * self.strides
                patch = padded[:, :, top : top + rows, left : left + cols]
                output[:, :, r, c] = np.tensordot(patch, self.kernel, axes=([1, 2, 3], [1, 2, 3]))
        self.cache["padded"] = padded
        return output + self.bias[np.newaxis, :, np.newaxis, np.newaxis]

    def gradients(self, upstream):
        p = self.padding
        padded = self.cache["padded"]
        filters, channels, rows, cols = self.kernel.shape
        d_padded = np.zeros_like(padded)
        d_kernel = np.zeros_like(self.kernel)
        for r in range(upstream.shape[2]):
            for c in range(upstream.shape[3]):
                top, left = r * self.strides, c * self.strides
                patch = padded[:, :, top : top + rows, left : left + cols]
                here = upstream[:, :, r, c]
                d_kernel += np.tensordot(here, patch, axes=(0, 0))
                d_padded[:, :, top : top + rows, left : left + cols] += np.tensordot(
                    here, self.kernel, axes=(1, 0)
                )
        d_bias = upstream.sum(axis=(0, 1, 2))  # everything but the last axis
        bottom, right = padded.shape[2] - p, padded.shape[3] - p
        return d_padded[:, :, p:bottom, p:right], d_kernel, d_bias


def keras_forward(x, w, b, stride=1, pad=0):
    layer = KerasConv2D(w, b, stride, pad)
    return layer.call(x), layer


def keras_backward(grad, layer):
    return layer.gradients(grad)


# ------------------------------------------------------------------------ ported from C


def conv2d_fwd_c(src, wei, bias, stride, pad):
    mb, ic, ih, iw = src.shape
    oc, _, kh, kw = wei.shape
    oh = (ih + 2 * pad - kh) // stride + 1
    ow = (iw + 2 * pad - kw) // stride + 1
    dst = np.zeros((mb, oc, oh, ow))
    for n in range(mb):
        for o in range(oc):
            for y in range(oh):
                for x in range(ow):
                    acc = bias[o]
                    for i in range(kh):
                        h = y * stride - pad + i
                        if h < 0 or h >= ih:
                            continue
                        for j in range(kw):
                            w = x * stride - pad + j
                            if w < 0 or w >= iw:
                                continue
                            acc += src[n, :, h, w].dot(wei[o, :, i, j])
                    dst[n, o, y, x] = acc
    return dst, (src, wei, stride, pad)


def conv2d_bwd_c(diff_dst, cache):
    src, wei, stride, pad = cache
    mb, ic, ih, iw = src.shape
    oc, _, kh, kw = wei.shape
    _, _, oh, ow = diff_dst.shape
    diff_src = np.zeros(src.shape)
    diff_wei = np.zeros(wei.shape)
    diff_bias = np.zeros(oc)
    for n in range(mb):
        for o in range(oc):
            for y in range(oh):
                for x in range(ow):
                    g = diff_dst[n, o, y, x]
                    diff_bias[o] += g
                    for i in range(kh):
                        for j in range(kw):
                            h = y * stride - pad + i
                            w = x * stride - pad + j
                            if h > 0 and h < ih and w > 0 and w < iw:
                                diff_src[n, :, h, w] += g * wei[o, :, i, j]
                                diff_wei[o, :, i, j] += g * src[n, :, h, w]
    return diff_src, diff_wei, diff_bias


CONV_LOOPS = (
    StudentProgram(
        "conv-naive-loops-assign-the-window",
        "conv2d",
        "C1",
        (),
        "dx is assigned window by window, so where windows overlap only the last one stays.",
        conv_forward_naive,
        conv_backward_naive,
        images((2, 2, 5, 6), (3, 2, 3, 2), conv_param={"stride": 2, "pad": 1}),
    ),
    StudentProgram(
        "conv-positions-stride-forgotten",
        "conv2d",
        "D1",
        ("D2",),
        "Backward looks for window (i, j) at pixel (i, j), not at (i * stride, j * stride).",
        pos_forward,
        pos_backward,
        images((2, 3, 5, 7), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-matlab-crop-starts-one-early",
        "conv2d",
        "D3",
        (),
        "The padding is cut off one row and one column too early, as if counted from 1.",
        cnnff,
        cnnbp,
        images((2, 2, 5, 4), (3, 2, 3, 2), stride=1, pad=1),
    ),
    StudentProgram(
        "conv-nhwc-comes-back-as-ncwh",
        "conv2d",
        "B7",
        (),
        "dx is brought back from NHWC by (0, 3, 2, 1), so rows and columns are swapped.",
        tf_forward,
        tf_backward,
        images((2, 3, 5, 7), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-keras-bias-over-all-but-last",
        "conv2d",
        "G1",
        (),
        "The bias is summed over axes 0, 1, 2, as if channels were last.",
        keras_forward,
        keras_backward,
        images((2, 3, 5, 6), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-c-bounds-greater-than-zero",
        "conv2d",
        "D5",
        (),
        "The test for the image's bounds says > 0, so row 0 and column 0 are skipped.",
        conv2d_fwd_c,
        conv2d_bwd_c,
        images((2, 2, 4, 5), (3, 2, 3, 2), stride=2, pad=1),
    ),
)
