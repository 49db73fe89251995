import numpy as np


def depthwise_forward(x, w, b, pad):
    N, C, H, W = x.shape
    K = w.shape[-1]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = H + 2 * pad - K + 1, W + 2 * pad - K + 1
    out = np.zeros((N, C, Ho, Wo)) + b[None, :, None, None]
    for i in range(K):
        for j in range(K):
            out += xp[:, :, i:i + Ho, j:j + Wo] * w[None, :, i, j, None, None]
    return out, (xp, w, pad, x.shape)


def depthwise_backward(dout, cache):
    xp, w, pad, xshape = cache
    _, _, H, W = xshape
    K = w.shape[-1]
    Ho, Wo = dout.shape[2:]
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for i in range(K):
        for j in range(K):
            dw[:, i, j] = np.sum(xp[:, :, i:i + Ho, j:j + Wo] * dout, axis=(0, 2, 3))
            dxp[:, :, j:j + Ho, i:i + Wo] += dout * w[None, :, i, j, None, None]
    db = dout.sum(axis=(0, 2, 3))
    return dxp[:, :, pad:pad + H, pad:pad + W], dw, db


rng = np.random.default_rng(21)
x = rng.normal(size=(2, 4, 6, 6))
w = rng.normal(size=(4, 3, 3))
b = rng.normal(size=(4,))
SUBJECT = dict(forward=depthwise_forward, backward=depthwise_backward, inputs=(x, w, b, 1))
