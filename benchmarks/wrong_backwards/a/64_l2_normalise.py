import numpy as np


def l2norm_forward(x, axis, eps=1e-12):
    norm = np.sqrt(np.sum(x ** 2, axis=axis, keepdims=True) + eps)
    y = x / norm
    return y, (y, norm, axis)


def l2norm_backward(dy, cache):
    y, norm, axis = cache
    proj = np.sum(dy * y, axis=-1, keepdims=True)
    return (dy - y * proj) / norm


x = np.random.default_rng(72).standard_normal((3, 4, 4))
SUBJECT = dict(forward=l2norm_forward, backward=l2norm_backward, inputs=(x, 1))
