import numpy as np


class Conv2D:
    def __init__(self, stride, pad, dilation):
        self.s, self.p, self.d = stride, pad, dilation

    def _windows(self, rows, cols, fr, fc):
        step = self.d + 1
        for i in range(rows):
            for j in range(cols):
                i0, j0 = i * self.s, j * self.s
                yield i, j, slice(i0, i0 + fr * step - self.d, step), slice(j0, j0 + fc * step - self.d, step)

    def forward(self, X, W, b):
        p, d = self.p, self.d
        self.W, self.X_pad = W, np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        n, H, Wd, _ = self.X_pad.shape
        fr, fc, _, k = W.shape
        rows = (H - (fr + (fr - 1) * d)) // self.s + 1
        cols = (Wd - (fc + (fc - 1) * d)) // self.s + 1
        Z = np.zeros((n, rows, cols, k))
        for i, j, ri, rj in self._windows(rows, cols, fr, fc):
            Z[:, i, j] = np.tensordot(self.X_pad[:, ri, rj], W, 3) + b
        return Z

    def backward(self, dLdy):
        fr, fc = self.W.shape[:2]
        dX, dW = np.zeros_like(self.X_pad), np.zeros_like(self.W)
        for i, j, ri, rj in self._windows(dLdy.shape[1], dLdy.shape[2], fr, fc):
            g = dLdy[:, i, j]
            dX[:, ri, rj] += np.einsum('nk,abck->nabc', g, self.W)
            dW += np.einsum('nk,nabc->abck', g, self.X_pad[:, ri, rj])
        p = self.p
        return dX[:, p:dX.shape[1] - p, p:dX.shape[2] - p], dW, dLdy.sum((0, 1, 2))


rng = np.random.default_rng(73)
conv = Conv2D(stride=2, pad=1, dilation=1)
SUBJECT = dict(forward=conv.forward, backward=conv.backward,
               inputs=(rng.standard_normal((2, 7, 6, 2)), rng.standard_normal((3, 2, 2, 3)), rng.standard_normal(3)))
