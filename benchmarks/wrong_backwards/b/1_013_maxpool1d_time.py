import numpy as np


class TextConv:
    """x (B, T, E) -> windows of k words -> F features -> tanh -> max over time"""

    def __init__(self, k):
        self.k = k

    def forward(self, x, w, b):
        B, T, E = x.shape
        L = T - self.k + 1
        self.unf = np.stack([x[:, t:t + self.k].reshape(B, -1) for t in range(L)], axis=1)
        self.act = np.tanh(self.unf @ w + b)
        self.arg = self.act.argmax(axis=1)
        self.w, self.shape = w, x.shape
        return self.act.max(axis=1)

    def backward(self, g):
        B, T, E = self.shape
        L = T - self.k + 1
        F = g.shape[1]
        dact = np.zeros_like(self.act)
        np.put_along_axis(dact, self.arg[:, None, :], g[:, None, :], axis=1)
        dz = dact * (1 - self.act ** 2)
        dw = self.unf.reshape(B * L, -1).T @ dz.reshape(B * L, F)
        db = dz.sum(axis=(0, 1))
        dunf = (dz @ self.w.T).reshape(B, L, self.k, E)
        dx = np.zeros(self.shape)
        for t in range(T - self.k):
            dx[:, t:t + self.k] += dunf[:, t]
        return dx, dw, db


rng = np.random.default_rng(30)
tc = TextConv(3)
SUBJECT = dict(forward=tc.forward, backward=tc.backward,
               inputs=(rng.normal(size=(3, 6, 4)), 0.3 * rng.normal(size=(12, 5)), 0.1 * rng.normal(size=5)))
