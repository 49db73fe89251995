import numpy as np


class ConvTranspose2d:
    def __init__(self, stride):
        self.s = stride

    def forward(self, x, W):
        """x: (N, C, H, W), W: (C, F, k, k)"""
        self.x, self.W = x, W
        N, C, H, Wd = x.shape
        k, s = W.shape[2], self.s
        y = np.zeros((N, W.shape[1], (H - 1) * s + k, (Wd - 1) * s + k))
        for i in range(H):
            for j in range(Wd):
                y[:, :, i * s:i * s + k, j * s:j * s + k] += np.einsum('nc,cfab->nfab', x[:, :, i, j], W)
        return y

    def _columns(self, dy):
        """The piece of dy that every input pixel wrote to: (N, F, k, k, H, W)."""
        N, C, H, Wd = self.x.shape
        k, s = self.W.shape[2], self.s
        if k == 1:
            return dy[:, :, None, None, :H, :Wd]
        cols = np.empty((N, dy.shape[1], k, k, H, Wd))
        for a in range(k):
            for b in range(k):
                cols[:, :, a, b] = dy[:, :, a:a + s * H:s, b:b + s * Wd:s]
        return cols

    def backward(self, dy):
        dx = np.einsum('nfabhw,cfab->nchw', self._columns(dy), self.W)
        dW = np.zeros_like(self.W)
        k, s = self.W.shape[2], self.s
        for i in range(self.x.shape[2]):
            for j in range(self.x.shape[3]):
                dW += np.einsum('nc,nfab->cfab', self.x[:, :, i, j], dy[:, :, i * s:i * s + k, j * s:j * s + k])
        return dx, dW


rng = np.random.default_rng(12)
up = ConvTranspose2d(stride=2)
SUBJECT = dict(forward=up.forward, backward=up.backward,
               inputs=(rng.standard_normal((2, 3, 3, 4)), rng.standard_normal((3, 2, 1, 1))))
