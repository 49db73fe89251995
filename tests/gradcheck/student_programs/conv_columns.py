"""Seven convolutions as one matrix product: im2col forward, col2im back."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass.
# ruff: noqa: N803, N806, RUF059
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.gradcheck.student_programs.student_program import StudentProgram, images

# ---------------------------------------------------------- the index arrays of CS231n


def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
    N, C, H, W = x_shape
    out_height = (H + 2 * padding - field_height) // stride + 1
    out_width = (W + 2 * padding - field_width) // stride + 1

    i0 = np.repeat(np.arange(field_height), field_width)
    i0 = np.tile(i0, C)
    i1 = stride * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(field_width), field_height * C)
    j1 = stride * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)

    k = np.repeat(np.arange(C), field_height * field_width).reshape(-1, 1)
    return k, i, j


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    p = padding
    x_padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    cols = x_padded[:, k, i, j]
    C = x.shape[1]
    return cols.transpose(1, 2, 0).reshape(field_height * field_width * C, -1)


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    N, C, H, W = x_shape
    H_padded, W_padded = H + 2 * padding, W + 2 * padding
    x_padded = np.zeros((N, C, H_padded, W_padded), dtype=cols.dtype)
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    cols_reshaped = cols.reshape(C * field_height * field_width, -1, N)
    cols_reshaped = cols_reshaped.transpose(2, 0, 1)
    x_padded[:, k, i, j] += cols_reshaped
    if padding == 0:
        return x_padded
    return x_padded[:, :, padding:-padding, padding:-padding]


def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    num_filters, _, filter_height, filter_width = w.shape
    out_height = (H + 2 * pad - filter_height) // stride + 1
    out_width = (W + 2 * pad - filter_width) // stride + 1
    x_cols = im2col_indices(x, filter_height, filter_width, pad, stride)
    res = w.reshape((num_filters, -1)).dot(x_cols) + b.reshape(-1, 1)
    out = res.reshape(num_filters, out_height, out_width, N)
    return out.transpose(3, 0, 1, 2), (x, w, b, conv_param, x_cols)


def conv_backward_im2col(dout, cache):
    x, w, b, conv_param, x_cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    num_filters, _, filter_height, filter_width = w.shape
    db = np.sum(dout, axis=(0, 2, 3))
    dout_reshaped = dout.transpose(1, 2, 3, 0).reshape(num_filters, -1)
    dw = dout_reshaped.dot(x_cols.T).reshape(w.shape)
    dx_cols = w.reshape(num_filters, -1).T.dot(dout_reshaped)
    dx = col2im_indices(dx_cols, x.shape, filter_height, filter_width, pad, stride)
    return dx, dw, db


# ------------------------------------------------------- one image after another, Caffe


def caffe_im2col(img, kh, kw, s):
    c, h, w = img.shape
    oh, ow = (h - kh) // s + 1, (w - kw) // s + 1
    col = np.empty((c * kh * kw, oh * ow))
    for row in range(c * kh * kw):
        kx, ky, ch = row % kw, (row // kw) % kh, row // kw // kh
        col[row] = img[ch, ky : ky + s * oh : s, kx : kx + s * ow : s].ravel()
    return col


def caffe_col2im(col, shape, kh, kw, s):
    c, h, w = shape
    oh, ow = (h - kh) // s + 1, (w - kw) // s + 1
    img = np.zeros(shape)
    for row in range(c * kh * kw):
        kx, ky, ch = row % kw, (row // kw) % kh, row // kw // kh
        img[ch, ky : ky + s * oh : s, kx : kx + s * ow : s] += col[row].reshape(oh, ow)
    return img


def caffe_forward(bottom, weight, bias, stride=1, pad=0):
    num_output, _, kh, kw = weight.shape
    tops = []
    for n in range(len(bottom)):
        img = np.pad(bottom[n], ((0, 0), (pad, pad), (pad, pad)))
        oh, ow = (img.shape[1] - kh) // stride + 1, (img.shape[2] - kw) // stride + 1
        top = weight.reshape(num_output, -1) @ caffe_im2col(img, kh, kw, stride)
        tops.append(top.reshape(num_output, oh, ow) + bias.reshape(-1, 1, 1))
    return np.stack(tops), (bottom, weight, stride, pad)


def caffe_backward(top_diff, cache):
    bottom, weight, stride, pad = cache
    num_output, _, kh, kw = weight.shape
    bottom_diff = np.zeros_like(bottom)
    bias_diff = np.zeros(num_output)
    for n in range(len(bottom)):
        img = np.pad(bottom[n], ((0, 0), (pad, pad), (pad, pad)))
        diff = top_diff[n].reshape(num_output, -1)
        bias_diff += diff.sum(axis=1)
        weight_diff = (diff @ caffe_im2col(img, kh, kw, stride).T).reshape(weight.shape)
        img_diff = caffe_col2im(weight.reshape(num_output, -1).T @ diff, img.shape, kh, kw, stride)
        bottom_diff[n] = img_diff[:, pad : img.shape[1] - pad, pad : img.shape[2] - pad]
    return bottom_diff, weight_diff, bias_diff


# ------------------------------------------------------------------ one row per window


class ConvRows:
    """im2col with one row per window, DLfS style."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W = W
        self.b = b
        self.stride = stride
        self.pad = pad

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        out_h = 1 + int((H + 2 * self.pad - FH) / self.stride)
        out_w = 1 + int((W + 2 * self.pad - FW) / self.stride)
        img = np.pad(x, [(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)], "constant")
        rows = []
        for n in range(N):
            for i in range(out_h):
                for j in range(out_w):
                    y, z = i * self.stride, j * self.stride
                    rows.append(img[n, :, y : y + FH, z : z + FW].ravel())
        self.x = x
        self.col = np.array(rows)
        self.img_shape = img.shape
        out = np.dot(self.col, self.W.reshape(FN, -1).T) + self.b
        return out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = self.x.shape
        out_h, out_w = dout.shape[2:]
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        dcol = np.dot(dout, self.W.reshape(FN, -1))
        # windows back as little images, channels last
        dcol = dcol.reshape(N, out_h, out_w, FH, FW, C).transpose(0, 5, 1, 2, 3, 4)
        img = np.zeros(self.img_shape)
        for i in range(out_h):
            for j in range(out_w):
                y, z = i * self.stride, j * self.stride
                img[:, :, y : y + FH, z : z + FW] += dcol[:, :, i, j]
        return img[:, :, self.pad : H + self.pad, self.pad : W + self.pad]


def rows_forward(x, w, b, stride=1, pad=0):
    layer = ConvRows(w, b, stride, pad)
    return layer.forward(x), layer


def rows_backward(dout, layer):
    dx = layer.backward(dout)
    return dx, layer.dW, layer.db


# ------------------------------------------------------- gather with flat pixel numbers


def take_forward(x, w, b, stride, pad):
    N, C, H, W = x.shape
    F, C, kh, kw = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Hp, Wp = xp.shape[2:]
    oh, ow = (Hp - kh) // stride + 1, (Wp - kw) // stride + 1
    numbers = np.arange(C * Hp * Wp).reshape(C, Hp, Wp)
    start = numbers[0, : oh * stride : stride, : ow * stride : stride].reshape(-1)
    offset = numbers[:, :kh, :kw].reshape(-1)
    index = start[:, None] + offset[None, :]  # oh*ow, C*kh*kw
    cols = xp.reshape(N, -1)[:, index].reshape(N * oh * ow, -1)
    out = cols @ w.reshape(F, -1).T + b
    return out.reshape(N, oh, ow, F).transpose(0, 3, 1, 2), (xp, w, cols, index, pad)


def take_backward(dout, cache):
    xp, w, cols, index, pad = cache
    N, F, oh, ow = dout.shape
    dout_mat = dout.reshape(N * oh * ow, F)  # one row per window, as in the forward
    dw = (dout_mat.T @ cols).reshape(w.shape)
    db = np.sum(dout, (0, 2, 3))
    dcols = (dout_mat @ w.reshape(F, -1)).reshape(N, oh * ow, -1)
    dxp = np.zeros((N, xp[0].size))
    for n in range(N):
        np.add.at(dxp[n], index, dcols[n])
    dxp = dxp.reshape(xp.shape)
    return dxp[:, :, pad : xp.shape[2] - pad, pad : xp.shape[3] - pad], dw, db


# ----------------------------------------------- fold, as the documents of a library say


def unfold(x, kh, kw, s, p):
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    win = sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
    n, c, oh, ow = win.shape[:4]
    return win.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, oh * ow)


def fold(cols, shape, kh, kw, s, p):
    n, c, h, w = shape
    out = np.zeros((n, c, h + 2 * p, w + 2 * p))
    oh, ow = (h + 2 * p - kh) // s + 1, (w + 2 * p - kw) // s + 1
    cols = cols.reshape(n, c, kh, kw, oh, ow)
    for i in range(kh):
        for j in range(kw):
            out[:, :, i : i + s * oh : s, j : j + s * ow : s] += cols[:, :, i, j]
    return out[:, :, p : h + p, p : w + p]


def unfold_forward(x, w, b, stride=1, pad=0):
    f, c, kh, kw = w.shape
    cols = unfold(x, kh, kw, stride, pad)
    oh = (x.shape[2] + 2 * pad - kh) // stride + 1
    y = np.matmul(w.reshape(f, -1), cols) + b.reshape(-1, 1)
    return y.reshape(len(x), f, oh, -1), (x, w, cols, stride, pad)


def unfold_backward(dy, cache):
    x, w, cols, stride, pad = cache
    f, c, kh, kw = w.shape
    dy = dy.reshape(len(x), f, -1)
    dw = np.einsum("nfl,nkl->fk", dy, cols).reshape(w.shape)
    dcols = np.matmul(w.reshape(f, -1).T, dy)
    dx = fold(dcols, x.shape, kh, kw, stride, pad)
    # overlapping windows are counted several times, so normalise
    ones = np.ones_like(x)
    divisor = fold(unfold(ones, kh, kw, stride, pad), x.shape, kh, kw, stride, pad)
    return dx / np.maximum(divisor, 1), dw, dy.sum(axis=(0, 2))


# -------------------------------------------------------------------------- 1x1 kernels


def pointwise_forward(x, w, b):
    N, C, H, W = x.shape
    F = w.shape[0]
    cols = x.transpose(1, 0, 2, 3).reshape(C, -1)  # a 1x1 window is a pixel
    out = w.reshape(F, C).dot(cols) + b.reshape(F, 1)
    return out.reshape(F, N, H, W).transpose(1, 0, 2, 3), (x.shape, cols, w)


def pointwise_backward(dout, cache):
    (N, C, H, W), cols, w = cache
    F = w.shape[0]
    dmat = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = dmat.dot(cols.T).reshape(w.shape)
    db = dmat.sum(axis=1)
    dx = w.reshape(F, C).T.dot(dmat).reshape(N, C, H, W)
    return dx, dw, db


CONV_COLUMNS = (
    StudentProgram(
        "conv-im2col-indices-buffered-add",
        "conv2d",
        "C2",
        ("C1",),
        "x_padded[:, k, i, j] += cols adds only once for an index that occurs several times.",
        conv_forward_im2col,
        conv_backward_im2col,
        images((2, 3, 5, 7), (4, 3, 2, 3), conv_param={"stride": 2, "pad": 1}),
    ),
    StudentProgram(
        "conv-caffe-weight-of-the-last-image",
        "conv2d",
        "C5",
        (),
        "weight_diff is assigned in the loop over images, so only the last image counts.",
        caffe_forward,
        caffe_backward,
        images((3, 2, 6, 5), (4, 2, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-rows-windows-channels-last",
        "conv2d",
        "B4",
        ("B5",),
        "Rows were written as (C, KH, KW) and are read back as (KH, KW, C).",
        rows_forward,
        rows_backward,
        images((2, 3, 6, 5), (4, 3, 3, 2), stride=1, pad=1),
    ),
    StudentProgram(
        "conv-take-reshape-of-the-gradient",
        "conv2d",
        "B5",
        ("B6",),
        "dout (N, F, OH, OW) is reshaped to (N*OH*OW, F) without a transpose first.",
        take_forward,
        take_backward,
        images((2, 3, 6, 5), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-fold-divided-by-overlap",
        "conv2d",
        None,
        ("A4",),
        "dx is divided by the number of windows over each pixel, as if it were to be averaged.",
        unfold_forward,
        unfold_backward,
        images((2, 3, 5, 6), (4, 3, 3, 2), stride=1, pad=1),
    ),
    StudentProgram(
        "conv1x1-columns-read-back-by-sample",
        "conv2d",
        "B6",
        ("B5",),
        "Columns (C, N*H*W) are reshaped to (N, C, H, W): samples and channels are mixed.",
        pointwise_forward,
        pointwise_backward,
        images((2, 3, 4, 5), (4, 3, 1, 1)),
    ),
)
