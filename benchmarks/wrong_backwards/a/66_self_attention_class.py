import numpy as np


class SelfAttention:
    def forward(self, X, Wq, Wk, Wv):
        self.X, self.Wq, self.Wk, self.Wv = X, Wq, Wk, Wv
        self.Q, self.K, self.V = X @ Wq, X @ Wk, X @ Wv
        self.scale = Wq.shape[1] ** -0.5
        S = self.Q @ self.K.transpose(0, 2, 1) * self.scale
        S = np.exp(S - S.max(axis=2, keepdims=True))
        self.A = S / S.sum(axis=2, keepdims=True)
        return self.A @ self.V

    def backward(self, dout):
        dV = self.A.transpose(0, 2, 1) @ dout
        dA = dout @ self.V.transpose(0, 2, 1)
        dS = self.A * (dA - (dA * self.A).sum(axis=2, keepdims=True)) * self.scale
        dQ = dS @ self.K
        dK = dS.transpose(0, 2, 1) @ self.Q
        self.dWq = np.einsum('btd,bth->dh', self.X, dQ)
        self.dWk = np.einsum('btd,bth->dh', self.X, dK)
        self.dWv = np.einsum('btd,bth->dh', self.X, dV)
        dX = dQ @ self.Wq.T + dK @ self.Wk.T
        return dX, self.dWq, self.dWk, self.dWv


rng = np.random.default_rng(64)
sa = SelfAttention()
SUBJECT = dict(forward=sa.forward, backward=sa.backward,
               inputs=tuple(rng.standard_normal(s) for s in [(2, 3, 4), (4, 5), (4, 5), (4, 3)]))
