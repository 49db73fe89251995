import numpy as np


def causal_conv1d(x, w, b, cfg):
    d = cfg['dilation']
    N, T, _ = x.shape
    K = w.shape[0]
    left = d * (K - 1)
    xp = np.concatenate([np.zeros((N, left, x.shape[2])), x], axis=1)
    y = sum(xp[:, k * d:k * d + T] @ w[k] for k in range(K)) + b
    return y, (xp, w, left, d)


def causal_conv1d_backward(dy, cache):
    xp, w, left, d = cache
    N, T, _ = dy.shape
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for k in range(w.shape[0]):
        dw[k] = np.einsum('ntc,nto->co', xp[:, left - k * d:left - k * d + T], dy)
        dxp[:, k * d:k * d + T] += dy @ w[k].T
    db = dy.sum((0, 1))
    return dxp[:, left:left + T], dw, db


rng = np.random.default_rng(10)
SUBJECT = dict(forward=causal_conv1d, backward=causal_conv1d_backward,
               inputs=(rng.standard_normal((2, 8, 3)), rng.standard_normal((3, 3, 4)), rng.standard_normal(4),
                       {'dilation': 2}))
