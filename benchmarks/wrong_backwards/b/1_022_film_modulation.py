import numpy as np


def film(x, scale, shift):
    """x (N, H, W, C), scale (N, 1, 1, C), shift (1, 1, 1, C)"""
    gain = 1.0 + np.tanh(scale)
    return x * gain + shift, (x, scale, gain)


def film_backward(dout, cache):
    x, scale, gain = cache
    dx = dout * gain
    dgain = np.sum(dout * x, axis=(1, 2), keepdims=True)
    dscale = dgain * (1 - np.tanh(scale) ** 2)
    dshift = np.sum(dout, axis=(1, 2), keepdims=True)
    return dx, dscale, dshift


rng = np.random.default_rng(66)
SUBJECT = dict(forward=film, backward=film_backward,
               inputs=(rng.normal(size=(3, 4, 4, 2)), rng.normal(size=(3, 1, 1, 2)), rng.normal(size=(1, 1, 1, 2))))
