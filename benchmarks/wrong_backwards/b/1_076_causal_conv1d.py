import numpy as np


def causal_conv1d(x, w, b):
    """x: (N, T, C); w: (K, C, D).  y[t] depends on x[t], x[t-1], ..., x[t-K+1]"""
    N, T, C = x.shape
    K, _, D = w.shape
    xp = np.concatenate([np.zeros((N, K - 1, C)), x], axis=1)
    y = np.zeros((N, T, D)) + b
    for k in range(K):
        y += xp[:, k:k + T] @ w[k]
    cache = (xp, w)
    return y, cache


def causal_conv1d_backward(dy, cache):
    xp, w = cache
    K = w.shape[0]
    T = dy.shape[1]
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for k in range(K):
        dw[k] = np.einsum('ntc,ntd->cd', xp[:, k:k + T], dy)
        dxp[:, k:k + T] += dy @ w[k].T
    dx = dxp[:, :T]
    db = dy.sum(axis=(0, 1))
    return dx, dw, db


rng = np.random.default_rng(10)
x = rng.standard_normal((2, 7, 3))
w = rng.standard_normal((3, 3, 4)) * .4
b = np.zeros(4)
SUBJECT = dict(forward=causal_conv1d, backward=causal_conv1d_backward, inputs=(x, w, b))
