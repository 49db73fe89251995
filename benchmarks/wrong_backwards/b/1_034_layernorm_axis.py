import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get('eps', 1e-5)
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_norm = (x - mean) * inv_std
    out = x_norm * gamma + beta
    cache = (x_norm, inv_std, gamma)
    return out, cache


def layernorm_backward(dout, cache):
    x_norm, inv_std, gamma = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_norm, axis=0)
    dxn = dout * gamma
    dx = inv_std / D * (D * dxn
                        - np.sum(dxn, axis=0, keepdims=True)
                        - x_norm * np.sum(dxn * x_norm, axis=0, keepdims=True))
    return dx, dgamma, dbeta


rng = np.random.default_rng(35)
x = rng.normal(3, 2, size=(4, 6))
SUBJECT = dict(forward=layernorm_forward, backward=layernorm_backward, op="layer_norm",
               inputs=(x, rng.normal(1, .2, 6), rng.normal(0, .2, 6), {'eps': 1e-5}))
