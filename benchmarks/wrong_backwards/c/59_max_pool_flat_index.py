import numpy as np


class MaxPool:
    def __init__(self, size, stride, pad):
        self.size, self.stride, self.pad = size, stride, pad

    def forward(self, x):
        k, s, p = self.size, self.stride, self.pad
        self.shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf)
        place = np.pad(np.arange(x.size).reshape(x.shape), ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-1)
        cut = lambda a: np.lib.stride_tricks.sliding_window_view(a, (k, k), axis=(2, 3))[:, :, ::s, ::s].reshape(
            *x.shape[:2], -1, k * k)
        values, places = cut(padded), cut(place)
        best = values.argmax(axis=-1)[..., None]
        self.winner = np.take_along_axis(places, best, -1)[..., 0]
        side = [(n + 2 * p - k) // s + 1 for n in x.shape[2:]]
        return np.take_along_axis(values, best, -1)[..., 0].reshape(*x.shape[:2], *side)

    def backward(self, grad):
        dx = np.zeros(int(np.prod(self.shape)))
        np.add.at(dx, self.winner.ravel(), grad.ravel())
        return dx.reshape(self.shape)


rng = np.random.default_rng(79)
pool = MaxPool(3, 2, 1)
SUBJECT = dict(forward=pool.forward, backward=pool.backward, inputs=(rng.standard_normal((2, 3, 6, 7)),))
