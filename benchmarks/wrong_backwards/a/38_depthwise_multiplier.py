import numpy as np


class DepthwiseConv2D:
    def __init__(self, stride=1):
        self.stride = stride

    def forward(self, X, K):
        s = self.stride
        n, H, W, C = X.shape
        kh, kw, _, M = K.shape
        oh, ow = (H - kh) // s + 1, (W - kw) // s + 1
        Y = np.zeros((n, oh, ow, C * M))
        for r in range(oh):
            for q in range(ow):
                win = X[:, r * s:r * s + kh, q * s:q * s + kw, :]
                Y[:, r, q, :] = np.einsum('nijc,ijcm->ncm', win, K).reshape(n, C * M)
        self.X, self.K = X, K
        return Y

    def backward(self, dY):
        s, X, K = self.stride, self.X, self.K
        kh, kw, C, M = K.shape
        dX, self.dK = np.zeros_like(X), np.zeros_like(K)
        for r in range(dY.shape[1]):
            for q in range(dY.shape[2]):
                rows, cols = slice(r * s, r * s + kh), slice(q * s, q * s + kw)
                for c in range(C):
                    for m in range(M):
                        g = dY[:, r, q, c * M + m][:, None, None]
                        self.dK[:, :, c, m] += (X[:, rows, cols, c] * g).sum(axis=0)
                        g_in = dY[:, r, q, m * C + c][:, None, None]
                        dX[:, rows, cols, c] += K[:, :, c, m] * g_in
        return [dX, self.dK]


rng = np.random.default_rng(2)
dw = DepthwiseConv2D(stride=2)
SUBJECT = dict(forward=dw.forward, backward=dw.backward,
               inputs=(rng.standard_normal((2, 7, 5, 3)), rng.standard_normal((3, 3, 3, 2))))
