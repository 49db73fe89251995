import numpy as np


class Upsample:
    def __init__(self, factor):
        self.k = factor

    def forward(self, x):
        """(N, H, W, C) -> (N, kH, kW, C), every pixel repeated in a block."""
        self.shape = x.shape
        n, h, w, c = x.shape
        wide = np.broadcast_to(x[:, :, None, :, None, :], (n, h, self.k, w, self.k, c))
        return wide.reshape(n, h * self.k, w * self.k, c)

    def backward(self, grad):
        k = self.k
        total = np.zeros(self.shape)
        for a in range(k):
            for b in range(k):
                total += grad[:, a::k, b::k]
        return total


rng = np.random.default_rng(77)
up = Upsample(2)
SUBJECT = dict(forward=up.forward, backward=up.backward, inputs=(rng.standard_normal((2, 3, 4, 2)),))
