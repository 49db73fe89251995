import numpy as np

rng = np.random.default_rng(67)
KEEP = 0.6
MASK = rng.random((4, 8)) < KEEP


class Dropout:
    def __init__(self, mask, keep):
        self.mask, self.keep = mask, keep

    def forward(self, a):
        return a * self.mask / self.keep

    def backward(self, grad):
        return grad * self.mask


drop = Dropout(MASK, KEEP)


def forward(x, W1, b1, W2, b2):
    z = x @ W1 + b1
    a = np.maximum(z, 0)
    d = drop.forward(a)
    out = d @ W2 + b2
    cache = {'x': x, 'z': z, 'd': d, 'W1': W1, 'W2': W2}
    return out, cache


def backward(grad, cache):
    grads = {}
    grads['W2'] = cache['d'].T @ grad
    grads['b2'] = grad.sum(axis=0)
    da = drop.backward(grad @ cache['W2'].T)
    dz = da * (cache['z'] > 0)
    grads['W1'] = cache['x'].T @ dz
    grads['b1'] = dz.sum(axis=0)
    grads['x'] = dz @ cache['W1'].T
    return grads


SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(4, 5)), rng.normal(size=(5, 8)), rng.normal(size=8),
                       rng.normal(size=(8, 3)), rng.normal(size=3)))
