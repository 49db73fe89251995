import numpy as np


def same_pads(size, k, s):
    out = -(-size // s)
    total = max((out - 1) * s + k - size, 0)
    return out, total // 2, total - total // 2


def conv_same(x, w, stride):
    kh, kw = w.shape[:2]
    oh, top, bottom = same_pads(x.shape[1], kh, stride)
    ow, left, right = same_pads(x.shape[2], kw, stride)
    xp = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    out = np.zeros((x.shape[0], oh, ow, w.shape[3]))
    for i in range(oh):
        for j in range(ow):
            out[:, i, j] = np.tensordot(xp[:, i * stride:i * stride + kh, j * stride:j * stride + kw], w, axes=3)
    return out, (x, xp, w, stride)


def conv_same_backward(dout, cache):
    x, xp, w, stride = cache
    kh, kw = w.shape[:2]
    _, top, bottom = same_pads(x.shape[1], kh, stride)
    _, left, right = same_pads(x.shape[2], kw, stride)
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            g = dout[:, i, j]
            dxp[:, i * stride:i * stride + kh, j * stride:j * stride + kw] += np.tensordot(g, w, axes=([1], [3]))
            dw += np.tensordot(xp[:, i * stride:i * stride + kh, j * stride:j * stride + kw], g, axes=([0], [0]))
    dx = dxp[:, bottom:bottom + x.shape[1], right:right + x.shape[2]]
    return dx, dw


rng = np.random.default_rng(18)
SUBJECT = dict(forward=conv_same, backward=conv_same_backward,
               inputs=(rng.standard_normal((2, 6, 6, 2)), rng.standard_normal((3, 3, 2, 3)), 2))
