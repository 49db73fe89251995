import numpy as np


class ConvTranspose2d:
    def __init__(self, stride):
        self.stride = stride

    def forward(self, x, w, b):
        """x (N, Cin, H, W), w (Cin, Cout, k, k), b (Cout,)"""
        self.x, self.w = x, w
        s = self.stride
        N, _, H, W = x.shape
        _, Cout, kh, kw = w.shape
        y = np.zeros((N, Cout, (H - 1) * s + kh, (W - 1) * s + kw))
        for i in range(H):
            for j in range(W):
                y[:, :, i * s:i * s + kh, j * s:j * s + kw] += np.einsum('nc,cokl->nokl', x[:, :, i, j], w)
        return y + b[:, None, None]

    def backward(self, dy):
        s, x, w = self.stride, self.x, self.w
        kh, kw = w.shape[2:]
        dx = np.empty_like(x)
        self.dw = np.zeros_like(w)
        self.db = dy.sum(axis=(0, 1, 2))
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                win = dy[:, :, i * s:i * s + kh, j * s:j * s + kw]
                dx[:, :, i, j] = np.einsum('nokl,cokl->nc', win, w)
                self.dw += np.einsum('nc,nokl->cokl', x[:, :, i, j], win)
        return dx, self.dw, self.db


rng = np.random.default_rng(19)
up = ConvTranspose2d(stride=2)
SUBJECT = dict(forward=up.forward, backward=up.backward,
               inputs=(rng.standard_normal((2, 3, 3, 2)), rng.standard_normal((3, 5, 3, 3)), rng.standard_normal(5)))
