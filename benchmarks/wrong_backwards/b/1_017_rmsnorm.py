import numpy as np


def rmsnorm(x, weight, eps=1e-6):
    # x (B, T, D)
    ms = np.mean(x * x, axis=-1, keepdims=True)
    r = 1.0 / np.sqrt(ms + eps)
    return x * r * weight, (x, r, weight)


def rmsnorm_backward(dy, ctx):
    x, r, weight = ctx
    D = x.shape[-1]
    dweight = np.sum(dy * x * r, axis=(0, 1))
    dn = dy * weight
    dot = np.sum(dn * x, axis=-1, keepdims=True)
    dx = r * dn + (r ** 3 / D) * dot * x
    return dx, dweight


rng = np.random.default_rng(38)
SUBJECT = dict(forward=rmsnorm, backward=rmsnorm_backward,
               inputs=(rng.normal(size=(2, 3, 6)), rng.normal(1, 0.3, size=6)))
