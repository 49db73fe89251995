import numpy as np


class TwoLayerNet:
    def __init__(self, keep_prob, seed):
        self.keep_prob, self.seed = keep_prob, seed

    def dropout(self, h):
        rng = np.random.RandomState(self.seed)
        self.mask = (rng.rand(*h.shape) < self.keep_prob) / self.keep_prob
        return h * self.mask

    def forward(self, X, W1, b1, W2, b2):
        self.X, self.W1, self.W2 = X, W1, W2
        self.pre = X.dot(W1) + b1
        self.h = self.dropout(np.where(self.pre > 0, self.pre, 0.01 * self.pre))
        return self.h.dot(W2) + b2

    def backward(self, dout):
        grads = {'W2': self.h.T.dot(dout), 'b2': dout.sum(axis=0)}
        dh = dout.dot(self.W2.T) * self.mask
        dpre = np.where(self.pre > 0, dh, 0.01 * dh)
        grads['W1'] = self.X.T.dot(dpre)
        grads['b1'] = dpre.sum(axis=0)
        grads['X'] = dpre.dot(self.W1.T)
        return grads


net = TwoLayerNet(0.7, 123)
rng = np.random.default_rng(149)
SUBJECT = dict(forward=net.forward, backward=net.backward, names=('X', 'W1', 'b1', 'W2', 'b2'), inputs=(
    rng.normal(size=(3, 4)), rng.normal(size=(4, 6)), rng.normal(size=6), rng.normal(size=(6, 3)), rng.normal(size=3)))
