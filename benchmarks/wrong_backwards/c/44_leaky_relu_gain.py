import numpy as np


def leaky_relu(x, alpha):
    return np.where(x > 0, x, alpha * x)


class LeakyReluOp:
    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x, gain):
        """Channel-wise gain followed by a leaky rectifier."""
        self.x, self.gain = x, gain
        scaled = x * gain[None, :, None]
        self.output = leaky_relu(scaled, self.alpha)
        return self.output

    def backward(self, grad):
        lower = self.output < 0
        grad = np.where(lower, grad * self.alpha, grad)
        d_gain = np.einsum('nct,nct->c', grad, self.x)
        d_x = grad * self.gain[None, :, None]
        return d_x, d_gain


rng = np.random.default_rng(43)
op = LeakyReluOp(alpha=-0.25)
SUBJECT = dict(forward=op.forward, backward=op.backward,
               inputs=(rng.standard_normal((2, 3, 5)), rng.standard_normal(3)))
