import numpy as np


def gru_cell(x, h, Wi, Wh, bi, bh):
    H = h.shape[1]
    gi, gh = x @ Wi.T + bi, h @ Wh.T + bh
    rz = 1 / (1 + np.exp(-(gi[:, :2 * H] + gh[:, :2 * H])))
    r, z = rz[:, :H], rz[:, H:]
    n = np.tanh(gi[:, 2 * H:] + r * gh[:, 2 * H:])
    return n + z * (h - n), (x, h, Wi, Wh, r, z, n, gh[:, 2 * H:])


def gru_cell_backward(dy, cache):
    x, h, Wi, Wh, r, z, n, hn = cache
    H = h.shape[1]
    dgi = np.empty((x.shape[0], 3 * H))
    dn = dy * (1 - z) * (1 - n * n)
    dgi[:, :H] = dn * hn * r * (1 - r)
    dgi[:, H:2 * H] = dy * (h - n) * z * (1 - z)
    dgi[:, 2 * H:] = dn
    dgh = dgi.copy()
    dgh[:, 2 * H:] *= r
    return (dgi @ Wi, dy * z + dgh @ Wh, dgi.T @ x, dgh.T @ h, dgi.sum(0), dgh.sum(0))


rng = np.random.default_rng(141)
D, H = 3, 2
SUBJECT = dict(forward=gru_cell, backward=gru_cell_backward, inputs=(
    rng.normal(size=(3, D)), rng.normal(size=(3, H)), rng.normal(size=(3 * H, D)), rng.normal(size=(3 * H, H)),
    rng.normal(size=3 * H), rng.normal(size=3 * H)))
