import numpy as np


def block_forward(x, w1, b1, w2, b2):
    h = np.tensordot(x, w1, axes=1) + b1
    a = np.maximum(h, 0)
    y = np.tensordot(a, w2, axes=1) + b2
    return y, {'x': x, 'h': h, 'a': a, 'w1': w1, 'w2': w2}


def block_backward(dy, c):
    axes = (0, 1, 2)
    db2 = dy.sum(axis=axes)
    dw2 = np.tensordot(c['a'], dy, axes=(axes, axes))
    da = dy @ c['w2'].T
    dh = da * (c['h'] > 0)
    db1 = dh.mean(axis=axes)
    dw1 = np.tensordot(c['x'], dh, axes=(axes, axes))
    dx = dh @ c['w1'].T
    return dx, dw1, db1, dw2, db2


rng = np.random.default_rng(77)
inputs = (rng.standard_normal((2, 4, 4, 5)), rng.standard_normal((5, 3)) / 2, rng.standard_normal(3),
          rng.standard_normal((3, 5)) / 2, rng.standard_normal(5))
SUBJECT = dict(forward=block_forward, backward=block_backward, inputs=inputs,
               names=['x', 'w1', 'b1', 'w2', 'b2'])
