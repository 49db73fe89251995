import numpy as np


class PointwiseConv:
    """1x1 convolution with bias on channels-last images."""

    def forward(self, x, weight, bias):
        self.x = x
        self.weight = weight
        n, h, w, c = x.shape
        out = x.reshape(-1, c) @ weight
        return out.reshape(n, h, w, -1) + bias

    def backward(self, grad):
        n, h, w, c = self.x.shape
        flat = grad.reshape(-1, grad.shape[-1])
        grad_weight = self.x.reshape(-1, c).T @ flat
        grad_bias = grad.sum(axis=(0, 2, 3))
        grad_x = (flat @ self.weight.T).reshape(self.x.shape)
        return grad_x, grad_weight, grad_bias


rng = np.random.default_rng(7)
layer = PointwiseConv()
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(rng.standard_normal((2, 4, 5, 3)), rng.standard_normal((3, 4)), rng.standard_normal(4)),
               names=('x', 'weight', 'bias'))
