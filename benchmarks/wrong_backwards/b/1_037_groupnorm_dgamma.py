import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """gamma, beta: (1, C, 1, 1)"""
    eps = gn_param.get('eps', 1e-5)
    N, C, H, W = x.shape
    xg = x.reshape(N, G, C // G, H, W)
    mean = xg.mean(axis=(2, 3, 4), keepdims=True)
    var = xg.var(axis=(2, 3, 4), keepdims=True)
    xn = (xg - mean) / np.sqrt(var + eps)
    x_norm = xn.reshape(N, C, H, W)
    out = gamma * x_norm + beta
    cache = dict(x=x, x_norm=x_norm, var=var, mean=mean, G=G, gamma=gamma, eps=eps)
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    x, x_norm, G, gamma = cache['x'], cache['x_norm'], cache['G'], cache['gamma']
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * x).sum(axis=(0, 2, 3), keepdims=True)
    dxn = (dout * gamma).reshape(N, G, C // G, H, W)
    xn = x_norm.reshape(dxn.shape)
    ax = (2, 3, 4)
    dxg = dxn - dxn.mean(axis=ax, keepdims=True) - xn * (dxn * xn).mean(axis=ax, keepdims=True)
    dx = (dxg / np.sqrt(cache['var'] + cache['eps'])).reshape(x.shape)
    return dx, dgamma, dbeta


rng = np.random.default_rng(36)
x = 1.5 * rng.normal(size=(2, 4, 3, 4)) - 0.7
gamma = rng.normal(size=(1, 4, 1, 1))
beta = rng.normal(size=(1, 4, 1, 1))
SUBJECT = dict(forward=spatial_groupnorm_forward, backward=spatial_groupnorm_backward,
               inputs=(x, gamma, beta, 2, {}))
