import numpy as np


def bn_forward(x, gamma, beta, bn_param):
    eps = bn_param.get('eps', 1e-5)
    axes = (0, 1, 2)
    mu = x.mean(axis=axes)
    xc = x - mu
    var = (xc ** 2).mean(axis=axes)
    ivar = 1.0 / np.sqrt(var + eps)
    xhat = xc * ivar
    return gamma * xhat + beta, (xhat, xc, ivar, gamma, axes)


def bn_backward(dout, cache):
    xhat, xc, ivar, gamma, axes = cache
    M = xc.size // xc.shape[-1]
    dgamma = (dout * xhat).sum(axis=axes)
    dbeta = dout.sum(axis=axes)
    dxhat = dout * gamma
    dxc = dxhat * ivar
    divar = (dxhat * xc).sum(axis=axes)
    dvar = -0.5 * ivar ** 3 * divar * gamma
    dxc = dxc + 2.0 * xc * dvar / M
    dmu = -dxc.sum(axis=axes)
    dx = dxc + dmu / M
    return dx, dgamma, dbeta


rng = np.random.default_rng(42)
SUBJECT = dict(forward=bn_forward, backward=bn_backward,
               inputs=(rng.normal(2, 3, (2, 3, 2, 4)), rng.uniform(0.5, 2, 4), rng.standard_normal(4),
                       {'mode': 'train', 'eps': 1e-5}))
