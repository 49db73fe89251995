import numpy as np


class MultiHead:
    def __init__(self, heads):
        self.h = heads

    def split(self, x):
        B, T, D = x.shape
        return x.reshape(B, T, self.h, D // self.h).transpose(0, 2, 1, 3)

    def merge(self, x):
        B, H, T, d = x.shape
        return x.transpose(0, 2, 1, 3).reshape(B, T, H * d)

    def forward(self, x, Wq, Wk, Wv):
        self.x, self.W = x, (Wq, Wk, Wv)
        self.q, self.k, self.v = (self.split(x @ W) for W in self.W)
        d = self.q.shape[-1]
        s = self.q @ self.k.swapaxes(-1, -2) / d ** 0.5
        e = np.exp(s - s.max(-1, keepdims=True))
        self.p = e / e.sum(-1, keepdims=True)
        return self.merge(self.p @ self.v)

    def backward(self, dout):
        B, T, D = dout.shape
        d = D // self.h
        dz = dout.reshape(B, self.h, T, d)
        dv = self.p.swapaxes(-1, -2) @ dz
        dp = dz @ self.v.swapaxes(-1, -2)
        ds = self.p * (dp - (dp * self.p).sum(-1, keepdims=True)) / d ** 0.5
        dq = ds @ self.k
        dk = ds.swapaxes(-1, -2) @ self.q
        dx = 0
        dWs = []
        for g, W in zip((dq, dk, dv), self.W):
            g = self.merge(g)
            dx = dx + g @ W.T
            dWs.append(np.einsum('btd,bte->de', self.x, g))
        return [dx] + dWs


mha = MultiHead(2)
rng = np.random.default_rng(56)
x = rng.normal(size=(2, 3, 4))
Wq, Wk, Wv = rng.normal(size=(3, 4, 4)) * 0.5
SUBJECT = dict(forward=mha.forward, backward=mha.backward, inputs=(x, Wq, Wk, Wv))
