import numpy as np


def sig(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


def gru(x, h, Wi, Wh, bi, bh):
    """PyTorch convention: n = tanh(Wi_n x + b + r * (Wh_n h + b'))"""
    gi = x @ Wi + bi
    gh = h @ Wh + bh
    ri, zi, ni = np.split(gi, 3, axis=1)
    rh, zh, nh = np.split(gh, 3, axis=1)
    r, z = sig(ri + rh), sig(zi + zh)
    n = np.tanh(ni + r * nh)
    return n + z * (h - n), (x, h, Wi, Wh, r, z, n, nh)


def gru_backward(g, cache):
    x, h, Wi, Wh, r, z, n, nh = cache
    dn = g * (1 - z) * (1 - n * n)
    dz = g * (h - n) * z * (1 - z)
    dr = dn * nh * r * (1 - r)
    dgi = np.hstack([dr, dz, dn])
    dgh = np.hstack([dr, dz, dn * r])
    return dgi @ Wi.T, dgh @ Wh.T + g * z, x.T @ dgi, h.T @ dgh, dgi.sum(0), dgh.sum(0)


rng = np.random.default_rng(144)
SUBJECT = dict(forward=gru, backward=gru_backward,
               inputs=(rng.normal(size=(3, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 9)) / 2,
                       rng.normal(size=(3, 9)) / 2, rng.normal(size=9), rng.normal(size=9)))
