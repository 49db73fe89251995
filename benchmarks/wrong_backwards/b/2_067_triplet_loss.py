import numpy as np


def triplet_forward(anchor, positive, negative, margin=1.0):
    dp = np.sum((anchor - positive) ** 2, axis=1)
    dn = np.sum((anchor - negative) ** 2, axis=1)
    raw = dp - dn + margin
    loss = np.maximum(0.0, raw).mean()
    cache = (anchor, positive, negative, raw > 0)
    return loss, cache


def triplet_backward(dloss, cache):
    a, p, n, active = cache
    scale = dloss * active.astype(a.dtype)[:, None] / a.shape[0]
    da = 2 * (p - n) * scale
    dp = -2 * (a - p) * scale
    dn = 2 * (a - n) * scale
    return da, dp, dn


rng = np.random.default_rng(26)
a = rng.normal(size=(4, 6))
p = a + 0.8 * rng.normal(size=(4, 6))
n = a + 0.7 * rng.normal(size=(4, 6))
SUBJECT = dict(forward=triplet_forward, backward=triplet_backward, inputs=(a, p, n))
