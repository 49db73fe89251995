import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as swv


class Deconv:
    def __init__(self, stride, pad):
        self.s, self.p = stride, pad

    def forward(self, x, w):
        # x (N, C, h, w), w (C, F, k, k)
        s, p, k = self.s, self.p, w.shape[-1]
        n, c, h, wd = x.shape
        z = np.zeros((n, c, (h - 1) * s + 1, (wd - 1) * s + 1))
        z[:, :, ::s, ::s] = x
        e = k - 1 - p
        z = np.pad(z, ((0, 0), (0, 0), (e, e), (e, e)))
        self.win = swv(z, (k, k), axis=(2, 3))
        self.w, self.hw = w, (h, wd)
        return np.einsum('nchwij,cfij->nfhw', self.win, w[:, :, ::-1, ::-1])

    def backward(self, g):
        s, p, k = self.s, self.p, self.w.shape[-1]
        dw = np.einsum('nchwij,nfhw->cfij', self.win, g)[:, :, ::-1, ::-1]
        gp = np.pad(g, ((0, 0), (0, 0), (p, p), (p, p)))
        gwin = swv(gp, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        dx = np.einsum('nfhwij,cfij->nchw', gwin, self.w)
        return dx, dw


layer = Deconv(stride=2, pad=1)
rng = np.random.default_rng(104)
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(3, 2, 4, 4))))
