import numpy as np


class AvgPool2d:
    """average pooling that does not count padded pixels"""

    def __init__(self, k, stride, pad):
        self.k, self.s, self.p = k, stride, pad

    def _sum(self, a):
        p, k, s = self.p, self.k, self.s
        ap = np.pad(a, ((0, 0), (0, 0), (p, p), (p, p)))
        oh = (ap.shape[2] - k) // s + 1
        ow = (ap.shape[3] - k) // s + 1
        total = np.zeros(a.shape[:2] + (oh, ow))
        for i in range(k):
            for j in range(k):
                total += ap[:, :, i:i + (oh - 1) * s + 1:s, j:j + (ow - 1) * s + 1:s]
        return total

    def forward(self, x):
        self.shape = x.shape
        self.count = self._sum(np.ones((1, 1) + x.shape[2:]))
        return self._sum(x) / self.count

    def backward(self, dout):
        p, k, s = self.p, self.k, self.s
        n, c, h, w = self.shape
        oh, ow = dout.shape[2:]
        g = dout / (k * k)
        dxp = np.zeros((n, c, h + 2 * p, w + 2 * p))
        for i in range(k):
            for j in range(k):
                dxp[:, :, i:i + (oh - 1) * s + 1:s, j:j + (ow - 1) * s + 1:s] += g
        return dxp[:, :, p:-p, p:-p]


pool = AvgPool2d(3, 2, 1)
x = np.random.default_rng(12).normal(size=(2, 3, 7, 7))
SUBJECT = dict(forward=pool.forward, backward=pool.backward, inputs=(x,), op="avg_pool2d")
