import numpy as np


class Max:
    """Maximum along one axis, keeping it."""

    @staticmethod
    def forward(a, dim):
        out = a.max(axis=dim, keepdims=True)
        return out, (a, out)

    @staticmethod
    def backward(grad_output, saved):
        a, max_vals = saved
        mask = np.abs(a - max_vals) < 1e-2
        return grad_output * mask


rng = np.random.default_rng(59)
# probabilities of an untrained classifier
a = 0.2 + 0.01 * rng.standard_normal((4, 5))
SUBJECT = dict(forward=Max.forward, backward=Max.backward, inputs=(a, 1))
