import numpy as np


class SpatialDropoutConv:
    def __init__(self, n, channels, rate, seed):
        rng = np.random.default_rng(seed)
        self.keep = rng.random((n, 1, 1, channels)) >= rate
        self.rate = rate

    def forward(self, x, W):
        self.x, self.W = x, W
        z = np.einsum('nhwi,io->nhwo', x, W)
        return np.where(self.keep, z / (1 - self.rate), 0.0)

    def backward(self, dout):
        dz = np.where(self.keep, dout, 0.0)
        dz /= 1 - self.rate
        dW = np.zeros_like(self.W)
        for xi, gi in zip(self.x, dz):
            dW += xi.reshape(-1, xi.shape[-1]).T @ gi.reshape(-1, gi.shape[-1])
        return np.inner(dz, self.W), dW


layer = SpatialDropoutConv(3, 4, 0.4, seed=5)
rng = np.random.default_rng(68)
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(rng.standard_normal((3, 3, 2, 3)), rng.standard_normal((3, 4))))
