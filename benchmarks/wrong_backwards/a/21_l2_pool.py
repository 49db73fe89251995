import numpy as np


class L2Pool:
    def __init__(self, k):
        self.k = k

    def forward(self, x):
        n, c, h, w = x.shape
        self.blocks = x.reshape(n, c, h // self.k, self.k, w // self.k, self.k)
        self.norm = np.sqrt((self.blocks ** 2).sum(axis=(3, 5), keepdims=True))
        return self.norm[:, :, :, 0, :, 0]

    def backward(self, dout):
        g = dout[:, :, :, None, :, None]
        dblocks = g * self.blocks
        n, c, a, k, b, _ = dblocks.shape
        return dblocks.reshape(n, c, a * k, b * k)


x = np.random.default_rng(83).standard_normal((2, 2, 6, 6))
lp = L2Pool(3)
SUBJECT = dict(forward=lp.forward, backward=lp.backward, inputs=(x,))
