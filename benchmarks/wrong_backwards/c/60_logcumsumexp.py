import numpy as np


class LogCumSumExp:
    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        top = x.max(axis=self.dim, keepdims=True)
        out = np.log(np.cumsum(np.exp(x - top), axis=self.dim)) + top
        self.x, self.result = x, out
        return out

    def backward(self, grad):
        weighted = grad * np.exp(-self.result)
        tail = np.flip(np.cumsum(np.flip(weighted, self.dim), axis=self.dim), self.dim)
        assert tail.shape == self.x.shape
        return weighted * np.exp(self.x)


rng = np.random.default_rng(56)
op = LogCumSumExp(dim=1)
SUBJECT = dict(forward=op.forward, backward=op.backward, inputs=(rng.standard_normal((3, 5, 2)),))
