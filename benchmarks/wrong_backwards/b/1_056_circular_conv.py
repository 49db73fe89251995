import numpy as np


def circ_conv(x, w, b):
    N, C, H, W = x.shape
    F, _, K, _ = w.shape
    p = K // 2
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode='wrap')
    y = np.zeros((N, F, H, W))
    for i in range(K):
        for j in range(K):
            y += np.einsum('nchw,fc->nfhw', xp[:, :, i:i + H, j:j + W], w[:, :, i, j])
    return y + b[:, None, None], (xp, w)


def circ_conv_backward(dy, cache):
    xp, w = cache
    K = w.shape[-1]
    p = K // 2
    H, W = dy.shape[2:]
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for i in range(K):
        for j in range(K):
            dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', dy, xp[:, :, i:i + H, j:j + W])
            dxp[:, :, i:i + H, j:j + W] += np.einsum('nfhw,fc->nchw', dy, w[:, :, i, j])
    # fold the padding back: rows first, then columns
    dxp[:, :, H:H + p] += dxp[:, :, :p]
    dxp[:, :, p:2 * p] += dxp[:, :, H + p:]
    dx = dxp[:, :, p:H + p, p:W + p]
    return dx, dw, dy.sum(axis=(0, 2, 3))


rng = np.random.default_rng(14)
SUBJECT = dict(forward=circ_conv, backward=circ_conv_backward,
               inputs=(rng.normal(size=(2, 2, 5, 6)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)))
