import numpy as np


def layer_norm(x, a, b, eps=1e-6):
    """annotated-transformer style: a * (x - mean) / (std + eps) + b with std over n - 1"""
    n = x.shape[-1]
    xc = x - x.mean(-1, keepdims=True)
    std = x.std(-1, ddof=1, keepdims=True)
    den = std + eps
    return a * xc / den + b, (xc, std, den, a, n)


def layer_norm_backward(g, cache):
    xc, std, den, a, n = cache
    lead = tuple(range(g.ndim - 1))
    da = (g * xc / den).sum(axis=lead)
    db = g.sum(axis=lead)
    gh = g * a
    dden = -(gh * xc).sum(-1, keepdims=True) / den ** 2
    dxc = gh / den + dden * xc / ((n - 1) * std)
    dx = dxc - dxc.mean(-1, keepdims=True)
    return dx, da, db


rng = np.random.default_rng(132)
SUBJECT = dict(forward=layer_norm, backward=layer_norm_backward,
               inputs=(rng.normal(size=(2, 3, 5)), rng.normal(1, .1, size=5), rng.normal(size=5)))
