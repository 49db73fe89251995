"""Five convolutions on views of windows: as_strided, sliding_window_view, einsum."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass.
# ruff: noqa: RUF005
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from tests.gradcheck.student_programs.student_program import StudentProgram, images

# ------------------------------------------------------------------ as_strided windows


def view_as_windows(xp, kh, kw, s):
    n, c, h, w = xp.shape
    oh, ow = (h - kh) // s + 1, (w - kw) // s + 1
    sn, sc, sh, sw = xp.strides
    return as_strided(xp, (n, c, oh, ow, kh, kw), (sn, sc, sh * s, sw * s, sh, sw))


def asv_forward(x, w, b, stride=1, pad=0):
    xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = view_as_windows(xp, w.shape[2], w.shape[3], stride)
    out = np.tensordot(col, w, axes=((1, 4, 5), (1, 2, 3)))  # N,OH,OW,F
    return np.rollaxis(out, 3, 1) + b[None, :, None, None], (xp, w, col, stride, pad)


def asv_backward(dy, cache):
    xp, w, col, s, p = cache
    _, _, oh, ow = dy.shape
    kh, kw = w.shape[2:]
    dw = np.tensordot(dy, col, axes=((0, 2, 3), (0, 2, 3)))
    dcol = np.tensordot(dy, w, axes=(1, 0))  # N,OH,OW,C,KH,KW
    dcol = dcol.transpose(0, 3, 4, 5, 1, 2)
    dxp = np.zeros(xp.shape)
    for y in range(kh):
        for x in range(kw):
            dxp[:, :, y : y + s * oh : s, x : x + s * ow : s] = dcol[:, :, y, x]
    h, w_ = xp.shape[2] - 2 * p, xp.shape[3] - 2 * p
    return dxp[:, :, p : p + h, p : p + w_], dw, dy.sum((0, 2, 3))


# ----------------------------------- "the backward of a convolution is a convolution"


def correlate_valid(a, k):
    """Images (N, A, H, W), kernels (B, A, KH, KW) -> (N, B, OH, OW)."""
    win = sliding_window_view(a, k.shape[2:], axis=(2, 3))
    return np.einsum("nahwij,baij->nbhw", win, k)


def blog_forward(x, w, b, pad=0):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return correlate_valid(xp, w) + b.reshape(1, -1, 1, 1), (x, w, pad)


def blog_backward(delta, cache):
    x, w, pad = cache
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    # dL/dW = X * delta
    dw = correlate_valid(xp.transpose(1, 0, 2, 3), delta.transpose(1, 0, 2, 3))
    dw = dw.transpose(1, 0, 2, 3)
    # dL/dX = full convolution of delta with W
    ph, pw = kh - 1 - pad, kw - 1 - pad
    delta_pad = np.pad(delta, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx = correlate_valid(delta_pad, w.transpose(1, 0, 2, 3))
    db = delta.sum(axis=(0, 2, 3))
    return dx, dw, db


# ------------------------------------------------------------- a transposed convolution


class Conv2dTransposedBackward:
    def __init__(self, weight, bias, stride, padding):
        self.weight, self.bias, self.stride, self.padding = weight, bias, stride, padding
        self.saved = None

    def forward(self, x):
        p, s = self.padding, self.stride
        kh, kw = self.weight.shape[-2:]
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        win = sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
        self.saved = (x.shape, xp.shape, win)
        return np.einsum("ncyxhw,fchw->nfyx", win, self.weight) + self.bias[:, None, None]

    def backward(self, g):
        x_shape, xp_shape, win = self.saved
        p, s = self.padding, self.stride
        kh, kw = self.weight.shape[-2:]
        oh, ow = g.shape[2:]
        grad_weight = np.einsum("nfyx,ncyxhw->fchw", g, win)
        grad_bias = np.einsum("nfyx->f", g)
        # put zeros between the gradients because of the stride
        up = np.zeros((g.shape[0], g.shape[1], (oh - 1) * s + 1, (ow - 1) * s + 1))
        up[:, :, :oh, :ow] = g
        # what the last stride left over at the bottom and right
        eh = xp_shape[2] - (up.shape[2] + kh - 1)
        ew = xp_shape[3] - (up.shape[3] + kw - 1)
        up = np.pad(up, ((0, 0), (0, 0), (kh - 1, kh - 1 + eh), (kw - 1, kw - 1 + ew)))
        flipped = self.weight[:, :, ::-1, ::-1]
        grad_xp = np.einsum(
            "nfyxhw,fchw->ncyx", sliding_window_view(up, (kh, kw), axis=(2, 3)), flipped
        )
        grad_x = grad_xp[:, :, p : p + x_shape[2], p : p + x_shape[3]]
        return grad_x, grad_weight, grad_bias


def transposed_forward(x, w, b, stride=1, pad=0):
    layer = Conv2dTransposedBackward(w, b, stride, pad)
    return layer.forward(x), layer


def transposed_backward(g, layer):
    return layer.backward(g)


# -------------------------------------------------------------- short, with einsum only


def swv_forward(x, w, b, stride=1, pad=1):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,fcij->nfhw", cols, w) + b[:, None, None], (cols, xp, w, stride, pad)


def swv_backward(dout, cache):
    cols, xp, w, stride, pad = cache
    dw = np.einsum("nfhw,nchwij->fcij", dout, cols)
    dcols = np.einsum("nfhw,fcij->nchwij", dout, w)
    dxp = np.zeros_like(xp)
    for h in range(dout.shape[2]):
        for v in range(dout.shape[3]):
            dxp[
                :, :, h * stride : h * stride + w.shape[2], v * stride : v * stride + w.shape[3]
            ] += dcols[:, :, h, v]
    return dxp[:, :, pad:-pad, pad:-pad], dw, dout.sum((0, 2, 3))


# ------------------------------------------------------------------ einsum, wrong letter


def letters_forward(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0,) * 2, (0,) * 2, (p,) * 2, (p,) * 2))
    k, l = w.shape[2:]  # noqa: E741
    oh, ow = 1 + (xp.shape[2] - k) // s, 1 + (xp.shape[3] - l) // s
    a, b_, c, d = xp.strides
    win = as_strided(xp, xp.shape[:2] + (k, l, oh, ow), (a, b_, c, d, s * c, s * d))
    return np.einsum("fckl,ncklhw->nfhw", w, win) + b[None, :, None, None], (x, w, win, s, p)


def letters_backward(dout, cache):
    x, w, win, s, p = cache
    n, c, k, l, oh, ow = win.shape  # noqa: E741
    dw = np.einsum("nfhw,ncklhw->fclk", dout, win)
    db = np.einsum("nfhw->f", dout)
    dwin = np.einsum("nfhw,fckl->ncklhw", dout, w)
    dxp = np.zeros((n, c, x.shape[2] + 2 * p, x.shape[3] + 2 * p))
    for i in range(oh):
        for j in range(ow):
            dxp[:, :, i * s : i * s + k, j * s : j * s + l] += dwin[..., i, j]
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db


# -------------------------------------------------------------------------- 1x1 kernels


class NetworkInNetwork:
    """cccp layer: mixes the channels of every pixel."""

    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        self.x = x
        return np.einsum("oc,nchw->nohw", self.w[:, :, 0, 0], x) + self.b[None, :, None, None]

    def grad(self, g):
        dx = np.einsum("oc,nohw->nchw", self.w[:, :, 0, 0], g)
        dw = np.einsum("nchw,nohw->co", self.x, g)[:, :, None, None]
        return dx, dw, g.sum(axis=(0, 2, 3))


def cccp_forward(x, w, b):
    layer = NetworkInNetwork(w, b)
    return layer(x), layer


def cccp_backward(g, layer):
    return layer.grad(g)


CONV_WINDOWS = (
    StudentProgram(
        "conv-asv-forgets-plus",
        "conv2d",
        "C1",
        ("C2",),
        "col2im loops over the cells of the kernel and assigns where it should add.",
        asv_forward,
        asv_backward,
        images((2, 3, 7, 5), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-blog-full-without-flip",
        "conv2d",
        "B3",
        (),
        "dx correlates the padded gradient with the kernel as it is; it has to be flipped.",
        blog_forward,
        blog_backward,
        images((2, 3, 5, 6), (4, 3, 3, 2), pad=1),
    ),
    StudentProgram(
        "conv-transposed-zeros-not-between",
        "conv2d",
        "D2",
        ("D1",),
        "The gradient goes into a corner of the enlarged array, without zeros in between.",
        transposed_forward,
        transposed_backward,
        images((2, 3, 6, 7), (4, 3, 3, 2), stride=2, pad=1),
    ),
    StudentProgram(
        "conv-crop-with-minus-zero",
        "conv2d",
        "D4",
        (),
        "dxp[pad:-pad] is empty without padding, as -0 is the first row.",
        swv_forward,
        swv_backward,
        images((2, 3, 5, 6), (4, 3, 2, 3), stride=1, pad=0),
    ),
    StudentProgram(
        "conv-einsum-kernel-letters-swapped",
        "conv2d",
        "B8",
        ("B7",),
        "einsum ends in fclk where it should end in fckl: the kernel's sides are swapped in dw.",
        letters_forward,
        letters_backward,
        images((2, 3, 5, 6), (4, 3, 3, 3), conv_param={"stride": 1, "pad": 1}),
    ),
    StudentProgram(
        "conv1x1-einsum-channels-swapped",
        "conv2d",
        "B9",
        ("B1",),
        "dw comes out as (C, F, 1, 1), input and output channels swapped.",
        cccp_forward,
        cccp_backward,
        images((2, 3, 4, 5), (4, 3, 1, 1)),
    ),
)
