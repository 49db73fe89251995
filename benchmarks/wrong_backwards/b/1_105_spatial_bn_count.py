import numpy as np

AX = (0, 2, 3)


def spatial_bn(x, gamma, beta, eps=1e-5):
    g, b = gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1)
    mu = x.mean(axis=AX, keepdims=True)
    xmu = x - mu
    var = (xmu ** 2).mean(axis=AX, keepdims=True)
    ivar = 1.0 / np.sqrt(var + eps)
    xhat = xmu * ivar
    return g * xhat + b, (g, xmu, ivar, xhat)


def spatial_bn_backward(dout, cache):
    g, xmu, ivar, xhat = cache
    N, C, H, W = dout.shape
    m = N
    dgamma = (dout * xhat).sum(axis=AX)
    dbeta = dout.sum(axis=AX)
    dxhat = dout * g
    dvar = (dxhat * xmu).sum(axis=AX, keepdims=True) * -0.5 * ivar ** 3
    dxmu = dxhat * ivar + 2.0 / m * xmu * dvar
    dmu = -dxmu.sum(axis=AX, keepdims=True)
    dx = dxmu + dmu / m
    return dx, dgamma, dbeta


rng = np.random.default_rng(34)
SUBJECT = dict(forward=spatial_bn, backward=spatial_bn_backward,
               inputs=(rng.normal(1, 2, size=(3, 2, 4, 4)), rng.normal(size=2), rng.normal(size=2)))
