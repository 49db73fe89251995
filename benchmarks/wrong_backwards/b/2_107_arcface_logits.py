import numpy as np


def normalise(v, axis):
    n = np.linalg.norm(v, axis=axis, keepdims=True)
    return v / n, n


def normalise_back(d, u, n, axis):
    return (d - u * (d * u).sum(axis, keepdims=True)) / n


def cosine_logits(x, W, scale=8.0):
    xu, xn = normalise(x, 1)
    wu, wn = normalise(W, 0)
    return scale * xu.dot(wu), (xu, xn, wu, wn, scale)


def cosine_logits_backward(g, cache):
    xu, xn, wu, wn, scale = cache
    g = g * scale
    return normalise_back(g @ wu.T, xu, xn, 1), normalise_back(xu.T @ g, wu, wn, 0)


rng = np.random.default_rng(146)
SUBJECT = dict(forward=cosine_logits, backward=cosine_logits_backward,
               inputs=(rng.normal(size=(3, 4)), rng.normal(size=(4, 5))))
