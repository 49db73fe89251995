import numpy as np


class CumSum:
    """running sum of weighted values along the last axis: y_t = sum_{s<=t} w_s x_s"""

    @staticmethod
    def forward(x, w):
        prod = x * w
        return np.cumsum(prod, axis=-1), dict(x=x, w=w)

    @staticmethod
    def backward(g, ctx):
        acc = np.cumsum(g, axis=-1)[..., ::-1]
        gx = acc * ctx['w']
        gw = (acc * ctx['x']).sum(axis=0)
        return gx, gw


rng = np.random.default_rng(65)
x = rng.normal(size=(3, 6))
w = rng.uniform(0.5, 1.5, size=6)
SUBJECT = dict(forward=CumSum.forward, backward=CumSum.backward, inputs=(x, w))
