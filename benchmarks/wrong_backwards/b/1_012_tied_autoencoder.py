import numpy as np


class TiedAutoencoder:
    """h = tanh(x W + c);  r = h W^T + d;  loss = mean squared reconstruction error"""

    def loss(self, x, W, c, d):
        h = np.tanh(x @ W + c)
        r = h @ W.T + d
        diff = r - x
        loss = np.mean(diff ** 2)
        return loss, (x, W, h, diff)

    def grad(self, upstream, cache):
        x, W, h, diff = cache
        dr = upstream * 2 * diff / diff.size
        dd = dr.sum(axis=0)
        dh = dr @ W
        dz = dh * (1 - h * h)
        dc = dz.sum(axis=0)
        dW = x.T @ dz
        dx = dz @ W.T - dr
        return dx, dW, dc, dd


ae = TiedAutoencoder()
rng = np.random.default_rng(56)
SUBJECT = dict(forward=ae.loss, backward=ae.grad,
               inputs=(rng.normal(size=(4, 5)), 0.5 * rng.normal(size=(5, 3)),
                       rng.normal(size=3) * .1, rng.normal(size=5) * .1))
