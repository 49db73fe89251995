import numpy as np

K, ALPHA, BETA, R = 2.0, 0.5, 0.75, 1


def lrn(x):
    C = x.shape[1]
    sq = x ** 2
    scale = np.full_like(x, K)
    for c in range(C):
        lo, hi = max(0, c - R), min(C, c + R + 1)
        scale[:, c] += ALPHA * sq[:, lo:hi].sum(axis=1)
    out = x * scale ** -BETA
    return out, (x, scale)


def lrn_backward(dout, cache):
    x, scale = cache
    C = x.shape[1]
    dx = dout * scale ** -BETA
    inner = dout * x * scale ** (-BETA - 1)
    for c in range(C):
        lo, hi = max(0, c - R), min(C, c + R)
        dx[:, c] -= 2 * ALPHA * BETA * x[:, c] * inner[:, lo:hi].sum(axis=1)
    return dx


rng = np.random.default_rng(82)
x = rng.normal(size=(2, 5, 3, 3)) * 1.5
SUBJECT = dict(forward=lrn, backward=lrn_backward, inputs=(x,))
