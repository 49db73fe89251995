import numpy as np


def sorted_pool(x, w):
    """sort each row in descending order, then weight the ranks (OWA operator)"""
    order = np.argsort(-x, axis=1)
    ranked = np.take_along_axis(x, order, axis=1)
    return ranked @ w, (order, ranked, w)


def sorted_pool_backward(g, cache):
    order, ranked, w = cache
    dranked = np.outer(g, w)
    inverse = np.argsort(order, axis=1)
    dx = np.take_along_axis(dranked, inverse, axis=1)
    return dx, g @ ranked


rng = np.random.default_rng(152)
SUBJECT = dict(forward=sorted_pool, backward=sorted_pool_backward,
               inputs=(rng.normal(size=(3, 5)), rng.normal(size=5)))
