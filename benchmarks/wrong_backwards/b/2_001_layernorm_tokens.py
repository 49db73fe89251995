import numpy as np


class LayerNorm:
    def __init__(self, eps=1e-5):
        self.eps = eps

    def forward(self, x, gamma, beta):
        mu = x.mean(-1, keepdims=True)
        xc = x - mu
        self.inv = 1.0 / np.sqrt((xc ** 2).mean(-1, keepdims=True) + self.eps)
        self.xhat = xc * self.inv
        self.x, self.gamma = x, gamma
        return self.xhat * gamma + beta

    def backward(self, dout):
        axes = tuple(range(dout.ndim - 1))
        dbeta = dout.sum(axis=axes)
        dgamma = (dout * self.x).sum(axis=axes)
        dxhat = dout * self.gamma
        m1 = dxhat.mean(-1, keepdims=True)
        m2 = (dxhat * self.xhat).mean(-1, keepdims=True)
        dx = self.inv * (dxhat - m1 - self.xhat * m2)
        return dx, dgamma, dbeta


ln = LayerNorm()
rng = np.random.default_rng(76)
SUBJECT = dict(forward=ln.forward, backward=ln.backward, inputs=(
    rng.normal(size=(2, 3, 6)) * 1.5, 1 + 0.1 * rng.normal(size=6), 0.1 * rng.normal(size=6)))
