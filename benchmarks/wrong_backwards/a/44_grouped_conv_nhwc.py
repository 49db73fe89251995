import numpy as np


class GroupConv:
    def __init__(self, groups, stride):
        self.groups = groups
        self.stride = stride

    def _win(self, i, j, kh, kw):
        s = self.stride
        return slice(i * s, i * s + kh), slice(j * s, j * s + kw)

    def forward(self, x, w):
        # w: (groups, kh, kw, cin // groups, cout // groups)
        self.x, self.w = x, w
        G, kh, kw, ci, co = w.shape
        oh = (x.shape[1] - kh) // self.stride + 1
        ow = (x.shape[2] - kw) // self.stride + 1
        ys = []
        for xg, wg in zip(np.split(x, G, axis=3), w):
            y = np.zeros((x.shape[0], oh, ow, co))
            for i in range(oh):
                for j in range(ow):
                    r, c = self._win(i, j, kh, kw)
                    y[:, i, j] = np.tensordot(xg[:, r, c], wg, 3)
            ys.append(y)
        return np.concatenate(ys, axis=3)

    def backward(self, dout):
        G, kh, kw, ci, co = self.w.shape
        dxs, self.dw = [], np.zeros_like(self.w)
        for g, (xg, dg) in enumerate(zip(np.split(self.x, G, axis=3), np.split(dout, G, axis=3))):
            dxg = np.zeros_like(xg)
            for i in range(dout.shape[1]):
                for j in range(dout.shape[2]):
                    r, c = self._win(i, j, kh, kw)
                    dxg[:, r, c] += np.tensordot(dg[:, i, j], self.w[g], ([1], [3]))
                    self.dw[g] += np.tensordot(xg[:, r, c], dg[:, i, j], ([0], [0]))
            dxs.append(dxg)
        dx = np.stack(dxs, axis=-1).reshape(self.x.shape)
        return dx, self.dw


rng = np.random.default_rng(9)
gc = GroupConv(groups=2, stride=2)
SUBJECT = dict(forward=gc.forward, backward=gc.backward,
               inputs=(rng.standard_normal((2, 7, 5, 4)), rng.standard_normal((2, 3, 3, 2, 3))))
