import numpy as np


def subpixel(x, w, b, r=2):
    """x (N, C, H, W) -> (N, F, rH, rW); w (F*r*r, C)"""
    N, C, H, W = x.shape
    z = np.tensordot(w, x, axes=(1, 1)) + b.reshape(-1, 1, 1, 1)      # (F*r*r, N, H, W)
    F = w.shape[0] // (r * r)
    z = z.reshape(F, r, r, N, H, W)
    y = z.transpose(3, 0, 4, 1, 5, 2).reshape(N, F, H * r, W * r)
    return y, (x, w, r)


def subpixel_backward(dy, cache):
    x, w, r = cache
    N, C, H, W = x.shape
    F = dy.shape[1]
    dz = dy.reshape(N, F, H, r, W, r).transpose(1, 3, 5, 0, 2, 4).reshape(F * r * r, N, H, W)
    dx = np.tensordot(w, dz, axes=(0, 0)).swapaxes(0, 1)
    dw = dz.reshape(len(dz), -1) @ x.swapaxes(0, 1).reshape(C, -1).T
    return dx, dw, dz.sum(axis=(1, 2, 3))


rng = np.random.default_rng(112)
SUBJECT = dict(forward=subpixel, backward=subpixel_backward,
               inputs=(rng.normal(size=(2, 3, 3, 2)), rng.normal(size=(8, 3)), rng.normal(size=8)), params=dict(r=2))
