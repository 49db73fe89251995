import numpy as np


def pool_max(x):
    n, c, h, w = x.shape
    b = x.reshape(n, c, h // 2, 2, w // 2, 2)
    y = b.max((3, 5))
    mask = b >= y[:, :, :, None, :, None]
    return y, mask


def unpool(g, mask):
    d = g[:, :, :, None, :, None] * mask
    n, c, h, _, w, _ = d.shape
    return d.reshape(n, c, 2 * h, 2 * w)


def forward(x):
    hi, mask_hi = pool_max(x)
    neg_lo, mask_lo = pool_max(-x)
    return np.concatenate([hi, -neg_lo], axis=1), (mask_hi, mask_lo)


def backward(g, masks):
    halves = np.split(g, 2, axis=1)
    return sum(unpool(h, m) for h, m in zip(halves, masks))


x = np.random.default_rng(122).normal(size=(3, 2, 4, 6))
SUBJECT = dict(forward=forward, backward=backward, inputs=(x,))
