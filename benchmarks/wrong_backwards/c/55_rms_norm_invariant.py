import numpy as np


class RMSNormFn:
    @staticmethod
    def forward(x, weight, eps=1e-6, zero_centered_gamma=True):
        w = weight + 1.0 if zero_centered_gamma else weight
        r = 1.0 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps)
        return x * r * w, (x, w, r)

    @staticmethod
    def backward(g, ctx):
        x, w, r = ctx
        D = x.shape[-1]
        rows = tuple(range(x.ndim - 1))
        g_w = np.sum(g * x * r, axis=rows)
        s = np.sum(g * x * w, axis=-1, keepdims=True)
        term1 = g * w * r
        term2 = w * x * (r ** 3) * s / D
        return term1 - term2, g_w


rng = np.random.default_rng(52)
SUBJECT = dict(forward=RMSNormFn.forward, backward=RMSNormFn.backward,
               inputs=(rng.standard_normal((2, 3, 5)), rng.standard_normal(5) * 0.5))
