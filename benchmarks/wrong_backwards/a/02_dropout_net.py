import numpy as np


def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    keep = None
    if mode == 'train':
        rng = np.random.default_rng(dropout_param['seed'])
        keep = rng.random(x.shape) < p
        out = x * keep / p
    else:
        out = x
    return out, (dropout_param, keep)


def dropout_backward(dout, cache):
    dropout_param, keep = cache
    if dropout_param['mode'] == 'train':
        return dout * keep
    return dout


def forward(x, W, b, dropout_param):
    h = x @ W + b
    out, drop_cache = dropout_forward(h, dropout_param)
    return out, (x, W, drop_cache)


def backward(dout, cache):
    x, W, drop_cache = cache
    dh = dropout_backward(dout, drop_cache)
    return dh @ W.T, x.T @ dh, dh.sum(0)


rng = np.random.default_rng(24)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((3, 4)), rng.standard_normal((4, 6)), rng.standard_normal(6)),
               params=dict(dropout_param={'p': 0.6, 'mode': 'train', 'seed': 123}))
