import numpy as np


def wn_linear(x, v, g, b):
    """x (N, D), v (D, M), g (M,), b (M,)"""
    norm = np.sqrt((v ** 2).sum(axis=0))
    w = v * (g / norm)
    return x @ w + b, (x, v, g, norm, w)


def wn_linear_backward(dy, cache):
    x, v, g, norm, w = cache
    dx = dy @ w.T
    dw = x.T @ dy
    db = dy.sum(axis=0)
    dg = (dw * v).sum(axis=0) / norm
    dv = g / norm * dw - g * dg / norm * v
    return dx, dv, dg, db


rng = np.random.default_rng(41)
SUBJECT = dict(forward=wn_linear, backward=wn_linear_backward,
               inputs=(rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.uniform(.5, 2, 5), rng.normal(size=5)))
