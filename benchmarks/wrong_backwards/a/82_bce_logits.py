import numpy as np


class BCEWithLogits:
    def __init__(self, targets, pos_weight=1.0):
        self.targets = targets
        self.pos_weight = pos_weight

    def forward(self, z):
        y, w = self.targets, self.pos_weight
        self.p = 1 / (1 + np.exp(-z))
        softplus_neg = np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)
        losses = (1 - y) * (z + softplus_neg) + w * y * softplus_neg
        self.size = z.size
        return losses.mean()

    def backward(self, grad):
        y, w, p = self.targets, self.pos_weight, self.p
        dz = p * (1 - y) - w * y * (1 - p)
        dz = dz * p * (1 - p)
        return grad * dz / self.size


targets = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
crit = BCEWithLogits(targets, pos_weight=2.5)
z = np.random.default_rng(37).normal(0, 1.5, (4, 3))
SUBJECT = dict(forward=crit.forward, backward=crit.backward, inputs=(z,))
