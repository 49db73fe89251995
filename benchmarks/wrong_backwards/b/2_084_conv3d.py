import numpy as np
from itertools import product


def conv3d(x, w, b):
    kd, kh, kw = w.shape[2:]
    D, H, W = (n - k + 1 for n, k in zip(x.shape[2:], (kd, kh, kw)))
    out = np.zeros((x.shape[0], w.shape[0], D, H, W))
    out += b
    for i, j, k in product(range(kd), range(kh), range(kw)):
        piece = x[:, :, i:i + D, j:j + H, k:k + W]
        out += np.moveaxis(np.tensordot(w[:, :, i, j, k], piece, axes=(1, 1)), 0, 1)
    return out, (x, w)


def conv3d_backward(dout, cache):
    x, w = cache
    D, H, W = dout.shape[2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i, j, k in product(*map(range, w.shape[2:])):
        sl = np.s_[:, :, i:i + D, j:j + H, k:k + W]
        dw[:, :, i, j, k] = np.tensordot(dout, x[sl], axes=((0, 2, 3, 4), (0, 2, 3, 4)))
        dx[sl] += np.moveaxis(np.tensordot(w[:, :, i, j, k], dout, axes=(0, 1)), 0, 1)
    db = dout.sum(axis=(0, 2, 3, 4), keepdims=True)[0]
    return dx, dw, db


rng = np.random.default_rng(121)
SUBJECT = dict(forward=conv3d, backward=conv3d_backward, inputs=(
    rng.normal(size=(2, 2, 4, 4, 3)), rng.normal(size=(2, 2, 2, 3, 2)), rng.normal(size=(2, 1, 1, 1))))
