import numpy as np


class NormalizeL2:
    def __init__(self, eps, axis=1):
        self.eps, self.axis = eps, axis

    def _dot(self, a, b):
        return (a * b).sum(axis=self.axis, keepdims=True)

    def forward(self, x):
        self.x = x
        self.norm = np.sqrt(self._dot(x, x)) + self.eps
        return x / self.norm

    def backward(self, gy):
        x, norm = self.x, self.norm
        x_gy = self._dot(x, gy)
        gx = gy * norm - x_gy * x / norm
        return gx / norm ** 2


rng = np.random.default_rng(49)
f = NormalizeL2(eps=0.5)
SUBJECT = dict(forward=f.forward, backward=f.backward, inputs=(rng.standard_normal((2, 4, 3)),), op='normalize')
