import numpy as np

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805
BETA = SCALE * ALPHA


class SELU:
    def activate(self, z):
        return np.where(z > 0, SCALE * z, BETA * (np.exp(np.minimum(z, 0)) - 1))

    def differentiate(self, computed):
        """Derivative from the output of activate."""
        return np.where(computed > 0, SCALE, SCALE * (computed + ALPHA))


class Dense:
    def __init__(self, fn):
        self.fn = fn

    def forward(self, x, w, b):
        self.x, self.w = x, w
        self.computed = self.fn.activate(x @ w + b)
        return self.computed

    def back(self, prev_gradient):
        d = prev_gradient * self.fn.differentiate(self.computed)
        return d @ self.w.T, self.x.T @ d, d.sum(axis=0)


rng = np.random.default_rng(54)
layer = Dense(SELU())
SUBJECT = dict(forward=layer.forward, backward=layer.back,
               inputs=(rng.standard_normal((4, 3)), rng.standard_normal((3, 5)), rng.standard_normal(5)))
