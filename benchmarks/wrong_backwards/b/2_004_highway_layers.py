import numpy as np


def highway(x, W, b):
    """W (L, 2, D, D), b (L, 2, D)"""
    stack = []
    for (Wh, Wt), (bh, bt) in zip(W, b):
        h = np.tanh(x @ Wh + bh)
        t = 1 / (1 + np.exp(-(x @ Wt + bt)))
        stack.append((x, h, t))
        x = t * h + (1 - t) * x
    return x, (W, tuple(stack))


def highway_backward(g, cache):
    W, stack = cache
    stack = list(stack)
    dW, db = np.zeros_like(W), np.zeros(W.shape[:2] + W.shape[3:])
    while stack:
        x, h, t = stack.pop()
        layer = len(stack)
        dz = np.stack([g * t * (1 - h * h), g * (h - x) * t * (1 - t)])
        dW[layer] = x.T @ dz
        db[layer] = dz.sum(axis=1)
        g = g * (1 - t) + (dz @ W[layer].swapaxes(1, 2)).sum(axis=0)
    return g, dW, db


rng = np.random.default_rng(156)
SUBJECT = dict(forward=highway, backward=highway_backward, inputs=(
    rng.normal(size=(3, 4)), rng.normal(size=(3, 2, 4, 4)) * .5, rng.normal(size=(3, 2, 4)) - 0.5))
