import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def se_forward(x, w1, w2):
    """scale channels by sigmoid(W2 relu(W1 mean(x)))"""
    s = x.mean(axis=(2, 3))
    z = s @ w1
    h = np.maximum(z, 0)
    e = sigmoid(h @ w2)
    out = x * e[:, :, None, None]
    return out, {'x': x, 's': s, 'z': z, 'h': h, 'e': e, 'w1': w1, 'w2': w2}


def se_backward(dout, c):
    x, e = c['x'], c['e']
    H, W = x.shape[2:]
    dx = dout * e[:, :, None, None]
    de = (dout * x).sum(axis=(2, 3))
    du = de * e * (1 - e)
    dw2 = c['h'].T @ du
    dz = (du @ c['w2'].T) * (c['z'] > 0)
    dw1 = c['s'].T @ dz
    return dx, dw1, dw2


rng = np.random.default_rng(54)
x = rng.normal(size=(3, 4, 3, 4)) + 0.5
SUBJECT = dict(forward=se_forward, backward=se_backward,
               inputs=(x, rng.normal(size=(4, 2)), rng.normal(size=(2, 4))))
