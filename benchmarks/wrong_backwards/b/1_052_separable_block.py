import numpy as np


def dw_separable(x, dk, pk, b):
    """depthwise 3x3 (same) -> relu -> pointwise 1x1 + bias"""
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    views = np.lib.stride_tricks.sliding_window_view(xp, (3, 3), axis=(2, 3))
    d = np.einsum('nchwij,cij->nchw', views, dk)
    a = np.maximum(d, 0.0)
    out = np.einsum('nchw,fc->nfhw', a, pk) + b[None, :, None, None]
    return out, [views, a, dk, pk]


def dw_separable_backward(g, cache):
    views, a, dk, pk = cache
    db = np.einsum('nfhw->f', g)
    dpk = np.einsum('nfhw,nchw->fc', g, a)
    dd = np.einsum('nfhw,fc->nchw', g, pk)
    dd[a == 0] = 0
    ddk = np.einsum('nchw,nchwij->cij', dd, views)
    gp = np.pad(dd, ((0, 0), (0, 0), (1, 1), (1, 1)))
    gviews = np.lib.stride_tricks.sliding_window_view(gp, (3, 3), axis=(2, 3))
    dx = np.einsum('nchwij,cij->nchw', gviews, dk[:, ::-1, ::-1])
    return dx, ddk, dpk, db


rng = np.random.default_rng(105)
SUBJECT = dict(forward=dw_separable, backward=dw_separable_backward,
               inputs=(rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(3, 3, 3)), rng.normal(size=(4, 3)), rng.normal(size=4)))
