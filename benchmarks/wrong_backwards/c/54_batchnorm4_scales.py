import numpy as np


def spatial_bn(x, g, b, eps=1e-5):
    """x: (N, C, H, W); g, b: (1, C, 1, 1)"""
    dims = (0, 2, 3)
    mu = x.mean(axis=dims, keepdims=True)
    centred = x - mu
    inv_std = 1 / np.sqrt((centred ** 2).mean(axis=dims, keepdims=True) + eps)
    return centred * inv_std * g + b, (centred, inv_std, g)


def spatial_bn_back(dy, cache):
    centred, inv_std, g = cache
    dims = (0, 2, 3)
    m = centred.size / centred.shape[1]
    scaled = dy * inv_std
    dg = np.sum(centred * scaled, axis=dims, keepdims=True)
    db = np.sum(dy, axis=dims, keepdims=True)
    dy = g * dy
    dvar = -0.5 * np.sum(scaled * centred * inv_std ** 2, axis=dims, keepdims=True)
    dmu = -np.sum(scaled, axis=dims, keepdims=True) - 2 * dvar * np.sum(centred, axis=dims, keepdims=True) / m
    dx = scaled + dvar * 2 * centred / m + dmu / m
    return dx, dg, db


rng = np.random.default_rng(51)
SUBJECT = dict(forward=spatial_bn, backward=spatial_bn_back,
               inputs=(rng.standard_normal((3, 2, 4, 3)) * 2 + 1, rng.uniform(0.5, 2, (1, 2, 1, 1)), rng.standard_normal((1, 2, 1, 1))))
