import numpy as np


class LayerNormFunction:
    @staticmethod
    def forward(x, weight, bias, eps=1e-5):
        """Normalises over the last axis, any number of leading axes."""
        n = weight.size
        flat = x.reshape(-1, n)
        mean = flat.mean(axis=1, keepdims=True)
        rstd = 1.0 / np.sqrt(flat.var(axis=1, keepdims=True) + eps)
        y = (flat - mean) * rstd * weight + bias
        ctx = (x, weight, mean.reshape(x.shape[:-1] + (1,)), rstd.reshape(x.shape[:-1] + (1,)))
        return y.reshape(x.shape), ctx

    @staticmethod
    def backward(dy, ctx):
        x, weight, mean, rstd = ctx
        x_hat = (x - mean) * rstd
        lead = tuple(range(x.ndim - 1))
        d_weight = np.sum(dy * x_hat, axis=lead)
        d_bias = np.sum(dy, axis=lead)

        M = x.shape[0]
        g = (dy * weight).reshape(M, -1)
        h = x_hat.reshape(M, -1)
        c1 = g.mean(axis=1, keepdims=True)
        c2 = (g * h).mean(axis=1, keepdims=True)
        dx = (g - c1 - h * c2).reshape(x.shape) * rstd
        return dx, d_weight, d_bias


rng = np.random.default_rng(35)
SUBJECT = dict(forward=LayerNormFunction.forward, backward=LayerNormFunction.backward,
               inputs=(rng.standard_normal((2, 3, 6)), rng.standard_normal(6), rng.standard_normal(6)))
