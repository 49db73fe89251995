import numpy as np


def huber(x, w, t, delta=0.8):
    r = x @ w - t
    small = np.abs(r) <= delta
    vals = np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta))
    return vals.sum(), dict(x=x, w=w, r=r, delta=delta)


def huber_backward(g, cache):
    x, w, r, delta = (cache[key] for key in ('x', 'w', 'r', 'delta'))
    dr = g * np.clip(r, -delta, delta)
    return np.outer(dr, w), x.T @ dr, -dr


rng = np.random.default_rng(151)
SUBJECT = dict(forward=huber, backward=huber_backward,
               inputs=(rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=6)), params={'delta': 0.8})
