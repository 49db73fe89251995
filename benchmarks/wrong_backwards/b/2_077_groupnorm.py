import numpy as np


def groupnorm_forward(x, gamma, beta, G):
    N, C, H, W = x.shape
    xg = x.reshape(N, G, -1)
    mu = xg.mean(axis=2, keepdims=True)
    var = xg.var(axis=2, keepdims=True)
    inv = 1 / np.sqrt(var + 1e-5)
    xh = ((xg - mu) * inv)
    out = xh.reshape(x.shape) * gamma + beta
    return out, (xh, inv, gamma, G)


def groupnorm_backward(dout, cache):
    xh, inv, gamma, G = cache
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * xh.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    dxh = (dout * gamma).reshape(N, G, -1)
    M = C * H * W
    s1 = dxh.sum(axis=2, keepdims=True)
    s2 = (dxh * xh).sum(axis=2, keepdims=True)
    dx = inv * (dxh - s1 / M - xh * s2 / M)
    return dx.reshape(dout.shape), dgamma, dbeta


rng = np.random.default_rng(78)
x = rng.normal(size=(2, 4, 3, 3))
gamma = rng.normal(size=(1, 4, 1, 1))
beta = rng.normal(size=(1, 4, 1, 1))
SUBJECT = dict(forward=groupnorm_forward, backward=groupnorm_backward, inputs=(x, gamma, beta, 2))
