import numpy as np


class Conv:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b = W, b
        self.stride, self.pad = stride, pad

    def im2col(self, x):
        n, c, h, w = x.shape
        k, s, p = self.W.shape[2], self.stride, self.pad
        xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        self.oh, self.ow = (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
        col = np.empty((c, k, k, n, self.oh, self.ow))
        for i in range(k):
            for j in range(k):
                sl = xp[:, :, i:i + s * self.oh:s, j:j + s * self.ow:s]
                col[:, i, j] = sl.transpose(1, 0, 2, 3)
        return col.reshape(c * k * k, -1)

    def col2im(self, dcol):
        n, c, h, w = self.x.shape
        k, s, p = self.W.shape[2], self.stride, self.pad
        dcol = dcol.reshape(c, k, k, n, self.oh, self.ow)
        dxp = np.zeros((n, c, h + 2 * p, w + 2 * p))
        for i in range(k):
            for j in range(k):
                dxp[:, :, i:i + s * self.oh:s, j:j + s * self.ow:s] += dcol[:, i, j].transpose(1, 0, 2, 3)
        return dxp[:, :, p:p + h, p:p + w]

    def forward(self, x):
        self.x = x
        self.col = self.im2col(x)
        f = self.W.shape[0]
        out = self.W.reshape(f, -1) @ self.col + self.b[:, None]
        return out.reshape(f, x.shape[0], self.oh, self.ow).transpose(1, 0, 2, 3)

    def backward(self, dout):
        f = self.W.shape[0]
        self.db = dout.sum(axis=(0, 2, 3))
        dflat = dout.transpose(1, 2, 3, 0).reshape(f, -1)
        self.dW = (dflat @ self.col.T).reshape(self.W.shape)
        dcol = self.W.reshape(f, -1).T @ dflat
        return self.col2im(dcol)


rng = np.random.default_rng(3)
layer = Conv(rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3), stride=1, pad=1)
SUBJECT = dict(forward=layer.forward, backward=layer.backward, inputs=(rng.normal(size=(3, 2, 5, 5)),))
