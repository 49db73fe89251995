import numpy as np


class DilatedConv:
    def __init__(self, stride, dilation, pad):
        self.hp = dict(stride=stride, dilation=dilation, pad=pad)

    def slices(self, ho, wo, k):
        s, d = self.hp['stride'], self.hp['dilation']
        for i in range(k):
            for j in range(k):
                yield (i, j), np.s_[:, :, i * d:i * d + s * ho:s, j * d:j * d + s * wo:s]

    def forward(self, x, w):
        s, d, p = (self.hp[n] for n in ('stride', 'dilation', 'pad'))
        N, C, H, W = x.shape
        F, _, k, _ = w.shape
        ho = (H + 2 * p - d * (k - 1) - 1) // s + 1
        wo = (W + 2 * p - d * (k - 1) - 1) // s + 1
        xp = np.pad(x, ((0, 0), (0, 0), (p, p + s), (p, p + s)))
        out = np.zeros((N, F, ho, wo))
        for (i, j), sl in self.slices(ho, wo, k):
            out += np.einsum('nchw,fc->nfhw', xp[sl], w[:, :, i, j])
        self.memo = dict(xp=xp, w=w, HW=(H, W))
        return out

    def backward(self, g):
        xp, w, (H, W) = self.memo['xp'], self.memo['w'], self.memo['HW']
        p = self.hp['pad']
        dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
        for (i, j), sl in self.slices(*g.shape[2:], w.shape[2]):
            dw[:, :, i, j] = np.tensordot(g, xp[sl], axes=[(0, 2, 3), (0, 2, 3)])
            dxp[sl] += np.tensordot(g, w[:, :, i, j], axes=[(1,), (0,)]).transpose(0, 3, 1, 2)
        return {'x': dxp[:, :, p:p + H, p:p + W], 'w': dw}


conv = DilatedConv(stride=2, dilation=2, pad=2)
rng = np.random.default_rng(108)
SUBJECT = dict(forward=conv.forward, backward=conv.backward,
               inputs=(rng.normal(size=(2, 2, 7, 8)), rng.normal(size=(3, 2, 3, 3))))
