import numpy as np


class CosineLoss:
    """1 - cos(u, v), averaged over the batch"""
    eps = 1e-12

    def forward(self, u, v):
        self.u, self.v = u, v
        self.nu = np.sqrt((u * u).sum(1, keepdims=True) + self.eps)
        self.nv = np.sqrt((v * v).sum(1, keepdims=True) + self.eps)
        self.cos = (u * v).sum(1, keepdims=True) / (self.nu * self.nv)
        return float(np.mean(1.0 - self.cos))

    def backward(self, grad):
        n = self.u.shape[0]
        dcos = -grad / n
        uhat, vhat = self.u / self.nu, self.v / self.nv
        du = dcos * vhat / self.nu
        dv = dcos * (uhat - self.cos * vhat) / self.nv
        return du, dv


crit = CosineLoss()
rng = np.random.default_rng(28)
u, v = rng.normal(size=(2, 4, 5))
SUBJECT = dict(forward=crit.forward, backward=crit.backward, inputs=(u, v))
