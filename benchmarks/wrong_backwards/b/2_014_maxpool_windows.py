import numpy as np


class MaxPool:
    def __init__(self, size, stride):
        self.size, self.stride = size, stride

    def __call__(self, x):
        s = self.stride
        win = np.lib.stride_tricks.sliding_window_view(x, self.size, axis=(2, 3))[:, :, ::s, ::s]
        flat = win.reshape(*win.shape[:4], -1)
        arg = flat.argmax(-1)
        di, dj = np.unravel_index(arg, self.size)
        n, c, i, j = np.ogrid[tuple(map(slice, arg.shape))]
        self.where = (n, c, i * s + di, j * s + dj)
        self.in_shape = x.shape
        return x[self.where]

    def backward(self, dy):
        dx = np.zeros(self.in_shape, dtype=dy.dtype)
        np.add.at(dx, self.where, dy)
        return dx


pool = MaxPool((3, 2), 2)
rng = np.random.default_rng(210)
x = rng.normal(size=(2, 3, 7, 8))
SUBJECT = dict(forward=lambda x: pool(x), backward=lambda g: pool.backward(g), inputs=(x,))
