import numpy as np


class BatchNorm1d:
    def __init__(self, training=True, eps=1e-5):
        self.training, self.eps = training, eps
        self.running_mean, self.running_var = 0.0, 1.0

    def forward(self, x, weight, bias):
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
        else:
            mean, var = self.running_mean, self.running_var
        self.inv_std = 1.0 / np.sqrt(var + self.eps)
        self.x_norm = (x - mean) * self.inv_std
        self.weight = weight
        return self.x_norm * weight + bias

    def backward(self, grad):
        d_weight = (grad * self.x_norm).sum(axis=0)
        d_bias = grad.sum(axis=0)
        d_x = grad * self.weight * self.inv_std
        return d_x, d_weight, d_bias


rng = np.random.default_rng(64)
bn = BatchNorm1d(training=True)
SUBJECT = dict(forward=bn.forward, backward=bn.backward,
               inputs=(rng.standard_normal((5, 3)) * 2 - 1, rng.uniform(0.5, 1.5, 3), rng.standard_normal(3)))
