import numpy as np


def batchnorm(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    mean, var = x.mean(0), x.var(0)
    bn_param['running_mean'] = 0.9 * bn_param.get('running_mean', np.zeros_like(mean)) + 0.1 * mean
    bn_param['running_var'] = 0.9 * bn_param.get('running_var', np.ones_like(var)) + 0.1 * var
    assert mode == 'train'
    s = (var + 1e-5) ** .5
    return gamma * (x - mean) / s + beta, (x, mean, s, gamma)


def batchnorm_backward_alt(dout, cache):
    x, mean, s, gamma = cache
    N = len(x)
    y = (x - mean) / s
    db = dout.sum(0)
    dg = (dout * y).sum(0)
    dx = gamma / (N * s) * (N * dout - db - y * dg)
    return dx, dg, db


rng = np.random.default_rng(130)
SUBJECT = dict(forward=batchnorm, backward=batchnorm_backward_alt, op="batch_norm",
               inputs=(rng.normal(2, 3, size=(4, 5)), rng.normal(size=5), rng.normal(size=5), {'mode': 'train'}))
