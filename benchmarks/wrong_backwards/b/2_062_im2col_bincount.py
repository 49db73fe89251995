import numpy as np


class FlatConv:
    def __init__(self, stride=1, pad=1):
        self.stride, self.pad = stride, pad

    def _indices(self, C, H, W, k):
        s = self.stride
        flat = np.arange(C * H * W).reshape(C, H, W)
        view = np.lib.stride_tricks.sliding_window_view(flat, (k, k), axis=(1, 2))[:, ::s, ::s]
        self.oh, self.ow = view.shape[1:3]
        return view.transpose(1, 2, 0, 3, 4).reshape(self.oh * self.ow, -1)

    def forward(self, x, w, b):
        p = self.pad
        xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        self.xp_shape, self.w = xp.shape, w
        self.idx = self._indices(*xp.shape[1:], w.shape[-1])
        self.cols = xp.reshape(len(x), -1)[:, self.idx]            # N, P, CKK
        y = self.cols @ w.reshape(len(w), -1).T + b
        return np.moveaxis(y, 2, 1).reshape(len(x), len(w), self.oh, self.ow)

    def backward(self, dy):
        n, f = dy.shape[:2]
        g = np.moveaxis(dy.reshape(n, f, -1), 1, 2)                  # N, P, F
        db = g.sum((0, 1))
        dw = np.tensordot(g, self.cols, axes=((0, 1), (0, 1))).reshape(self.w.shape)
        dcols = g @ self.w.reshape(f, -1)
        size = int(np.prod(self.xp_shape[1:]))
        where = (np.arange(n)[:, None, None] * size + self.idx).ravel()
        dxp = np.bincount(where, weights=dcols.ravel(), minlength=n * size).reshape(self.xp_shape)
        p = self.pad
        return [dxp[:, :, p:-p or None, p:-p or None], dw, db]


net = FlatConv(stride=2, pad=1)
rng = np.random.default_rng(105)
SUBJECT = dict(forward=net.forward, backward=net.backward, inputs=(
    rng.normal(size=(3, 2, 7, 5)), rng.normal(size=(4, 2, 3, 3)), rng.normal(size=4)))
