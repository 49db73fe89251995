import numpy as np


def tower(x, W, b):
    h = np.tanh(x @ W + b)
    return h, (x, h)


def tower_back(dh, tape, W):
    x, h = tape
    dz = dh * (1 - h ** 2)
    return dz @ W.T, np.outer(x, dz) if x.ndim == 1 else x.T @ dz, dz.sum(axis=0)


def contrastive(x1, x2, W, b, same, margin=1.5):
    h1, t1 = tower(x1, W, b)
    h2, t2 = tower(x2, W, b)
    diff = h1 - h2
    dist = np.sqrt((diff ** 2).sum(axis=1))
    gap = np.maximum(margin - dist, 0)
    loss = np.mean(same * dist ** 2 + (1 - same) * gap ** 2) / 2
    return loss, (t1, t2, W, diff, dist, gap, same)


def contrastive_back(g, cache):
    t1, t2, W, diff, dist, gap, same = cache
    coef = (same - (1 - same) * gap / dist) / len(dist)
    ddiff = g * coef[:, None] * diff
    dx1, dW, db = tower_back(ddiff, t1, W)
    dx2, dW2, db2 = tower_back(-ddiff, t2, W)
    dW += dW2
    db += db2
    return dx1, dx2, dW, db, None


rng = np.random.default_rng(142)
SUBJECT = dict(forward=contrastive, backward=contrastive_back,
               inputs=(rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=3),
                       np.array([1, 0, 0, 1])))
