import numpy as np


class StatsPool:
    def forward(self, x, mask):
        # x (N, D, T) is a transposed view of (N, T, D)
        m = mask[:, None, :].astype(x.dtype)
        self.n = m.sum(axis=2, keepdims=True)
        self.mu = (x * m).sum(axis=2, keepdims=True) / self.n
        self.dev = (x - self.mu) * m
        self.sd = np.sqrt((self.dev ** 2).sum(axis=2, keepdims=True) / self.n + 1e-4)
        self.m = m
        return np.concatenate([self.mu, self.sd], axis=1)[..., 0]

    def backward(self, dout):
        dmu, dsd = np.split(dout[..., None], 2, axis=1)
        return (dmu * self.m + dsd * self.dev / self.sd) / self.n, None


sp = StatsPool()
rng = np.random.default_rng(157)
frames = rng.normal(size=(2, 5, 3))
mask = np.array([[1, 1, 1, 1, 0], [1, 1, 1, 0, 0]], dtype=bool)
SUBJECT = dict(forward=sp.forward, backward=sp.backward, inputs=(frames.transpose(0, 2, 1), mask))
