import numpy as np


class Upsample:
    def __init__(self, scale):
        self.scale = scale

    def forward(self, x):
        self.shape = x.shape
        return np.kron(x, np.ones((1, 1, self.scale, self.scale)))

    def backward(self, dout):
        N, C, H, W = self.shape
        s = self.scale
        return dout.reshape(N, C, H, s, W, s).mean(axis=(3, 5)) * s * s


up = Upsample(3)
SUBJECT = dict(forward=up.forward, backward=up.backward,
               inputs=(np.random.default_rng(39).standard_normal((2, 2, 2, 3)),))
