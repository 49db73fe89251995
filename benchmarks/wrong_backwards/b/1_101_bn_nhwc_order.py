import numpy as np


class BatchNormNHWC(object):
    def __init__(self, eps=1e-4):
        self.eps = eps
        self.cache = None

    def forward(self, x, scale, shift):
        flat = x.reshape(-1, x.shape[-1])
        centred = flat - flat.mean(axis=0)
        inv = (np.square(centred).mean(axis=0) + self.eps) ** -0.5
        normed = centred * inv
        self.cache = [x.shape, normed, inv, scale]
        return (normed * scale + shift).reshape(x.shape)

    def backward(self, grad):
        shape, normed, inv, scale = self.cache
        grad = grad.reshape(-1, shape[-1])
        dshift = grad.sum(axis=0)
        dscale = np.einsum('mc,mc->c', grad, normed)
        dn = grad * scale
        m = dn.shape[0]
        dx = inv * (dn - dn.sum(0) / m - normed * ((dn * normed).sum(0) / m))
        return dx.reshape(shape), dshift, dscale


rng = np.random.default_rng(42)
bn = BatchNormNHWC()
SUBJECT = dict(forward=bn.forward, backward=bn.backward, names=["x", "scale", "shift"],
               inputs=(rng.normal(size=(2, 4, 4, 3)), rng.normal(size=3), rng.normal(size=3)))
