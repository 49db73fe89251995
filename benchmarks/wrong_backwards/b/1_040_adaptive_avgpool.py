import math
import numpy as np


def bins(n_in, n_out):
    return [(i * n_in // n_out, math.ceil((i + 1) * n_in / n_out)) for i in range(n_out)]


class AdaptiveAvgPool2d:
    def __init__(self, out_h, out_w):
        self.out = (out_h, out_w)

    def __call__(self, x):
        self.x_shape = x.shape
        n, c, h, w = x.shape
        y = np.empty((n, c) + self.out)
        for i, (t, b) in enumerate(bins(h, self.out[0])):
            for j, (l, r) in enumerate(bins(w, self.out[1])):
                y[..., i, j] = x[..., t:b, l:r].mean((-2, -1))
        return y

    def backward(self, grad):
        n, c, h, w = self.x_shape
        dx = np.zeros(self.x_shape)
        kh, kw = h // self.out[0], w // self.out[1]
        for i in range(self.out[0]):
            for j in range(self.out[1]):
                t, l = i * kh, j * kw
                b, r = t + kh, l + kw
                dx[..., t:b, l:r] += grad[..., i, j, None, None] / ((b - t) * (r - l))
        return dx


pool = AdaptiveAvgPool2d(2, 3)
x = np.random.default_rng(29).normal(size=(2, 2, 6, 7))
SUBJECT = dict(forward=pool, backward=pool.backward, inputs=(x,))
