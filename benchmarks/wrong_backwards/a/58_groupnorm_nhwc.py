import numpy as np


def gn_forward(x, gamma, beta, gn_param):
    N, H, W, C = x.shape
    G = gn_param['G']
    xg = x.reshape(N, H, W, G, C // G)
    mu = xg.mean(axis=(1, 2, 4), keepdims=True)
    istd = 1 / np.sqrt(xg.var(axis=(1, 2, 4), keepdims=True) + gn_param['eps'])
    xn = (xg - mu) * istd
    out = xn.reshape(x.shape) * gamma + beta
    return out, (xn, istd, gamma, G)


def gn_backward(dout, cache):
    xn, istd, gamma, G = cache
    N, H, W, C = dout.shape
    dgamma = np.einsum('nhwc,nhwc->c', dout, xn.reshape(dout.shape))
    dbeta = np.einsum('nhwc->c', dout)
    d = (dout * gamma).reshape(xn.shape)
    dmean = d.mean(axis=(1, 2), keepdims=True)
    dproj = (d * xn).mean(axis=(1, 2, 4), keepdims=True)
    dx = istd * (d - dmean - xn * dproj)
    return dx.reshape(dout.shape), dgamma, dbeta


rng = np.random.default_rng(62)
SUBJECT = dict(forward=gn_forward, backward=gn_backward,
               inputs=(rng.standard_normal((2, 3, 4, 4)), rng.standard_normal(4), rng.standard_normal(4)),
               params={'gn_param': {'G': 2, 'eps': 1e-5}})
