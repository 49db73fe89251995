import numpy as np


def layer_norm(x, gain, shift, step):
    """step is only handed on for logging"""
    std = np.sqrt(np.var(x, axis=1) + 1e-5)
    xhat = ((x.T - x.mean(1)) / std).T
    return xhat * gain + shift, [xhat, std, gain]


def layer_norm_backward(dy, cache):
    xhat, std, gain = cache
    D = xhat.shape[1]
    centre = np.eye(D) - np.full((D, D), 1 / D)
    rows = []
    for row, s, d in zip(xhat, std, dy * gain):
        jac = (centre - np.outer(row, row) / D) / s
        rows.append(jac.T @ d)
    return np.vstack(rows), (dy * xhat).sum(0), dy.sum(0), None


rng = np.random.default_rng(145)
SUBJECT = dict(forward=layer_norm, backward=layer_norm_backward, inputs=(
    rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=5), 100))
