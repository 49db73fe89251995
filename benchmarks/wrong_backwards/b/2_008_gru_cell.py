import numpy as np


class GRUCell:
    def __init__(self, rng, n_in, n_hid):
        self.Wz, self.Wr, self.Wn = rng.normal(size=(3, n_in, n_hid)) * 0.5
        self.Uz, self.Ur, self.Un = rng.normal(size=(3, n_hid, n_hid)) * 0.5

    @staticmethod
    def _sigmoid(a):
        return 1.0 / (1.0 + np.exp(-a))

    def forward(self, x, h):
        self.x, self.h = x, h
        self.z = self._sigmoid(x @ self.Wz + h @ self.Uz)
        self.r = self._sigmoid(x @ self.Wr + h @ self.Ur)
        self.rh = self.r * h
        self.n = np.tanh(x @ self.Wn + self.rh @ self.Un)
        return (1 - self.z) * self.n + self.z * h

    def backward(self, dout):
        dz = dout * (self.h - self.n)
        dn = dout * (1 - self.z)
        dan = dn * (1 - self.n ** 2)
        drh = dan @ self.Un.T
        dr = drh * self.h
        daz = dz * self.z * (1 - self.z)
        dar = dr * self.r * (1 - self.r)
        self.dWn, self.dWz, self.dWr = self.x.T @ dan, self.x.T @ daz, self.x.T @ dar
        self.dUn, self.dUz, self.dUr = self.rh.T @ dan, self.h.T @ daz, self.h.T @ dar
        dx = dan @ self.Wn.T + daz @ self.Wz.T + dar @ self.Wr.T
        dh = dout * self.z + daz @ self.Uz.T + dar @ self.Ur.T
        return dx, dh


rng = np.random.default_rng(68)
cell = GRUCell(rng, 3, 4)
SUBJECT = dict(forward=cell.forward, backward=cell.backward, inputs=(rng.normal(size=(3, 3)), rng.normal(size=(3, 4))))
