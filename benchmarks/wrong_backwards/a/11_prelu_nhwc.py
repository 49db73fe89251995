import numpy as np


class PReLU:
    """f(x) = x for x > 0, alpha_c * x otherwise (one alpha per channel, NHWC)."""

    def __init__(self):
        self.cache = {}

    def forward(self, x, alpha):
        pos = x > 0
        self.cache.update(x=x, alpha=alpha, pos=pos)
        return np.where(pos, x, alpha * x)

    def backward(self, dout):
        x, alpha, pos = (self.cache[k] for k in ('x', 'alpha', 'pos'))
        dx = dout * np.where(pos, 1.0, alpha)
        dalpha = np.sum(dout * x * pos, axis=(0, 1, 2))
        return dx, dalpha


rng = np.random.default_rng(47)
act = PReLU()
SUBJECT = dict(forward=act.forward, backward=act.backward,
               inputs=(rng.standard_normal((2, 3, 3, 4)), rng.uniform(0.05, 0.3, 4)))
