import numpy as np


class FullyConnected:
    def forward(self, X, W, b):
        self.X, self.W = X, W
        self.Y = np.tanh(X @ W + b)
        return self.Y

    def backward(self, dLdy):
        dZ = dLdy * (1 - self.Y ** 2)
        return dZ @ self.W.T, self.X.T @ dZ, dZ.sum(axis=0, keepdims=True)


class Dropout:
    """Wraps a layer; its inputs are dropped with probability p."""

    def __init__(self, layer, p, seed):
        self.layer, self.p, self.seed = layer, p, seed
        self.mask = None

    def forward(self, X, W, b):
        rng = np.random.default_rng(self.seed)
        self.mask = rng.random(X.shape) >= self.p
        return self.layer.forward(X * self.mask / (1.0 - self.p), W, b)

    def backward(self, dLdy):
        dX, dW, db = self.layer.backward(dLdy)
        dX = dX / (1.0 - self.p)
        return dX, dW, db


rng = np.random.default_rng(42)
layer = Dropout(FullyConnected(), p=0.4, seed=7)
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(rng.standard_normal((3, 6)), rng.standard_normal((6, 4)), rng.standard_normal((1, 4))))
