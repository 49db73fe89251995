import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mu) / std
    bn_param['running_mean'] = momentum * bn_param.get('running_mean', 0) + (1 - momentum) * mu
    out = gamma * xhat + beta
    return out, (xhat, gamma, std)


def batchnorm_backward(dout, cache):
    xhat, gamma, std = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0)) / std
    return dx, dgamma, dbeta


rng = np.random.default_rng(33)
x = 2.0 * rng.normal(size=(4, 5)) + 1.0
gamma = rng.normal(size=5)
beta = rng.normal(size=5)
SUBJECT = dict(forward=batchnorm_forward, backward=batchnorm_backward,
               inputs=(x, gamma, beta, {'mode': 'train', 'eps': 1e-5}))
