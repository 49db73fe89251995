import numpy as np


class LayerNorm:
    def __init__(self, eps=1e-6):
        self.eps = eps

    def forward(self, x, g, b):
        self.mu = x.mean(-1, keepdims=True)
        self.xc = x - self.mu
        self.std = np.sqrt(np.mean(self.xc ** 2, -1, keepdims=True) + self.eps)
        self.xn = self.xc / self.std
        self.g = g
        return self.xn * g + b

    def backward(self, dy):
        D = dy.shape[-1]
        reduce = tuple(range(dy.ndim - 1))
        self.dg = (dy * self.xn).sum(reduce)
        self.db = dy.sum(reduce)
        dxn = dy * self.g
        dvar = np.sum(dxn * self.xc, -1, keepdims=True) * -0.5 * self.std ** -2
        dmu = -np.sum(dxn / self.std, -1, keepdims=True)
        dx = dxn / self.std + dvar * 2 * self.xc / D + dmu / D
        return dx, self.dg, self.db


rng = np.random.default_rng(55)
ln = LayerNorm()
SUBJECT = dict(forward=ln.forward, backward=ln.backward,
               inputs=(rng.normal(1, 2.5, (2, 3, 6)), rng.normal(1, 0.2, 6), rng.normal(0, 0.2, 6)))
