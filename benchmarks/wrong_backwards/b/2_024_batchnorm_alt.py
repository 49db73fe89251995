import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    out = gamma * x_hat + beta
    running_mean = (1 - momentum) * mu
    running_var = (1 - momentum) * var
    cache = (x_hat, gamma, std, running_mean, running_var)
    return out, cache


def batchnorm_backward_alt(dout, cache):
    x_hat, gamma, std, _, _ = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    proj = np.sum(dx_hat * x_hat, axis=1)
    dx = (N * dx_hat - np.sum(dx_hat, axis=0) - x_hat * proj) / (N * std)
    return dx, dgamma, dbeta


rng = np.random.default_rng(74)
x = 2 * rng.normal(size=(4, 4)) + 1
SUBJECT = dict(forward=batchnorm_forward, backward=batchnorm_backward_alt,
               inputs=(x, rng.normal(size=4), rng.normal(size=4), {'mode': 'train'}), op='batchnorm')
