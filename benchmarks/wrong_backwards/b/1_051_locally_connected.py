import numpy as np


class LocallyConnected2D:
    """Like a convolution, but each output position owns its filter: w (Ho, Wo, F, C*K*K)."""

    def __init__(self, ksize, stride):
        self.ksize, self.stride = ksize, stride

    def patches(self, x):
        k, s = self.ksize, self.stride
        for i, top in enumerate(range(0, x.shape[2] - k + 1, s)):
            for j, left in enumerate(range(0, x.shape[3] - k + 1, s)):
                yield i, j, np.s_[:, :, top:top + k, left:left + k]

    def forward(self, x, w, b):
        N = len(x)
        Ho, Wo, F, _ = w.shape
        out = np.empty((N, F, Ho, Wo))
        for i, j, sl in self.patches(x):
            out[:, :, i, j] = x[sl].reshape(N, -1) @ w[i, j].T
        self.saved = x, w
        return out + b

    def backward(self, grad):
        x, w = self.saved
        N, C = x.shape[:2]
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for i, j, sl in self.patches(x):
            g = grad[:, :, i, j]
            dw[i, j] = g.T @ x[sl].reshape(N, -1)
            dx[sl] += (g @ w[i, i]).reshape(N, C, self.ksize, self.ksize)
        return dx, dw, grad.sum(0)


rng = np.random.default_rng(15)
lc = LocallyConnected2D(3, 2)
x = rng.normal(size=(2, 2, 7, 7))
w = rng.normal(size=(3, 3, 4, 18))
b = rng.normal(size=(4, 3, 3))
SUBJECT = dict(forward=lc.forward, backward=lc.backward, inputs=(x, w, b))
