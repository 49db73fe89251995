import numpy as np


def forward(x, gamma, beta, bias_scale, gn_param):
    N, C, H, W = x.shape
    G, eps = gn_param['G'], gn_param['eps']
    flat = x.reshape(N * G, -1)
    std = np.sqrt(flat.var(axis=1, keepdims=True) + eps)
    xn = ((flat - flat.mean(axis=1, keepdims=True)) / std).reshape(x.shape)
    u = gamma[:, None, None] * xn + beta[:, None, None]
    sg = 1 / (1 + np.exp(-u))
    return u * sg, (xn, std, u, sg, gamma, np.shape(bias_scale), G)


def backward(dout, cache):
    xn, std, u, sg, gamma, extra, G = cache
    N = len(dout)
    du = dout * (sg + u * sg * (1 - sg))
    d = (du * gamma.reshape(1, -1, 1, 1)).reshape(N * G, -1)
    h = xn.reshape(N * G, -1)
    m = d.shape[1]
    dx = (d - d.sum(1, keepdims=True) / m - h * (d * h).sum(1, keepdims=True) / m) / std
    return dx.reshape(dout.shape), (du * xn).sum((0, 2, 3)), du.sum((0, 2, 3)), np.zeros(extra)


rng = np.random.default_rng(82)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 4, 3, 3)), rng.standard_normal(4), rng.standard_normal(4),
                       rng.standard_normal(2), {'G': 2, 'eps': 1e-5}))
