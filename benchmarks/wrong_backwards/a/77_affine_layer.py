import numpy as np


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,)"""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    x_rows = x.reshape(x.shape[0], -1)
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x_rows.T.dot(dout)
    db = np.sum(dout, axis=1)
    return dx, dw, db


np.random.seed(231)
rng = np.random.default_rng(231)
x = rng.standard_normal((4, 2, 3))
w = rng.standard_normal((6, 4))
b = rng.standard_normal(4)
SUBJECT = dict(forward=affine_forward, backward=affine_backward, inputs=(x, w, b))
