import numpy as np


class CausalConv1d:
    def __init__(self, dilation=1):
        self.d = dilation

    def forward(self, x, w, b):
        """x: (N, C, T), w: (F, C, k); the output at t sees inputs up to t."""
        N, C, T = x.shape
        F, _, k = w.shape
        self.pad = (k - 1) * self.d
        self.xp = np.pad(x, ((0, 0), (0, 0), (self.pad, 0)))
        self.w, self.T = w, T
        y = np.tile(b[None, :, None], (N, 1, T))
        for j in range(k):
            y += np.einsum('fc,nct->nft', w[:, :, j], self.xp[:, :, j * self.d:j * self.d + T])
        return y

    def backward(self, dy):
        dw = np.zeros_like(self.w)
        dxp = np.zeros_like(self.xp)
        for j in range(self.w.shape[2]):
            part = slice(j * self.d, j * self.d + self.T)
            dw[:, :, j] = np.einsum('nft,nct->fc', dy, self.xp[:, :, part])
            dxp[:, :, part] += np.einsum('fc,nft->nct', self.w[:, :, j], dy)
        dx = dxp[:, :, self.pad - 1:-1]
        db = dy.sum(axis=(0, 2))
        return dx, dw, db


rng = np.random.default_rng(18)
net = CausalConv1d(dilation=2)
SUBJECT = dict(forward=net.forward, backward=net.backward,
               inputs=(rng.standard_normal((2, 3, 9)), rng.standard_normal((4, 3, 3)), rng.standard_normal(4)))
