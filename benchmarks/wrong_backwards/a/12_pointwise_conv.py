import numpy as np


class PointwiseConv:
    """A 1x1 convolution seen as a linear map over channels."""

    def forward(self, x, W, b):
        self.shape = x.shape
        self.flat = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        self.W = W
        n, _, h, w = x.shape
        out = self.flat @ W + b
        return out.reshape(n, h, w, W.shape[1]).transpose(0, 3, 1, 2)

    def backward(self, dout):
        n, c, h, w = self.shape
        g = dout.transpose(0, 2, 3, 1).reshape(-1, self.W.shape[1])
        self.dW = self.flat.T @ g
        self.db = g.sum(0)
        dflat = g @ self.W.T
        dx = dflat.reshape(n, c, h, w)
        return dx, self.dW, self.db


rng = np.random.default_rng(2024)
pw = PointwiseConv()
SUBJECT = dict(forward=pw.forward, backward=pw.backward,
               inputs=(rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((3, 4)), rng.standard_normal(4)))
