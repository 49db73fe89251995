import numpy as np

sig = lambda v: 0.5 * (1 + np.tanh(v / 2))


class GRUCell:
    def forward(self, x, h, Wz, Wr, Wn):
        xh = np.concatenate([x, h], axis=1)
        z, r = sig(xh @ Wz), sig(xh @ Wr)
        xrh = np.concatenate([x, r * h], axis=1)
        n = np.tanh(xrh @ Wn)
        self.saved = x, h, Wz, Wr, Wn, xh, z, r, xrh, n
        return (1 - z) * n + z * h

    def backward(self, dout):
        x, h, Wz, Wr, Wn, xh, z, r, xrh, n = self.saved
        D = x.shape[1]
        dn = dout * (1 - z) * (1 - n ** 2)
        dz = dout * (h - n) * z * (1 - z)
        dxrh = dn @ Wn.T
        drh = dxrh[:, D:]
        dr = drh * h * r * (1 - r)
        dxh = dz @ Wz.T + dr @ Wr.T
        dx = dxh[:, :D] + dxrh[:, :D]
        dh = dxh[:, D:] + dout * z
        return {'x': dx, 'h': dh, 'Wz': xh.T @ dz, 'Wr': xh.T @ dr, 'Wn': xrh.T @ dn}


rng = np.random.default_rng(34)
cell = GRUCell()
SUBJECT = dict(forward=cell.forward, backward=cell.backward,
               inputs=(rng.standard_normal((3, 2)), rng.standard_normal((3, 4)), rng.standard_normal((6, 4)),
                       rng.standard_normal((6, 4)), rng.standard_normal((6, 4))),
               names=['x', 'h', 'Wz', 'Wr', 'Wn'])
