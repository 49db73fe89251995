import numpy as np


class Normalize:
    def __init__(self, axis, eps=1e-12):
        self.axis, self.eps = axis, eps

    def forward(self, x):
        self.n = np.maximum(np.linalg.norm(x, axis=self.axis, keepdims=True), self.eps)
        self.u = x / self.n
        return self.u

    def backward(self, g):
        along = (g * self.u).sum(axis=self.axis, keepdims=True) * self.u
        return (g - along) / self.n


norm = Normalize(axis=1)
W = np.random.default_rng(3).normal(size=(4, 6))


def forward(x):
    """embedding projected and normalised (contrastive head), fixed projection W"""
    return norm.forward(x @ W)


def backward(g):
    return norm.backward(g) @ W.T


SUBJECT = dict(forward=forward, backward=backward, inputs=(np.random.default_rng(134).normal(size=(3, 4)),))
