import numpy as np


def lrn_forward(x, k=2.0, alpha=0.5, beta=0.75, n=3):
    C = x.shape[1]
    half = n // 2
    scale = np.full_like(x, k)
    for c in range(C):
        lo, hi = max(0, c - half), min(C, c + half + 1)
        scale[:, c] += alpha * np.sum(x[:, lo:hi] ** 2, axis=1)
    y = x * scale ** -beta
    return y, (x, y, scale, alpha, beta, half)


def lrn_backward(dy, cache):
    x, y, scale, alpha, beta, half = cache
    C = x.shape[1]
    dx = dy * scale ** -beta
    ratio = dy * y / scale
    for c in range(C):
        lo, hi = max(0, c - half), min(C, c + half + 1)
        dx[:, c] -= 2 * alpha * beta * x[:, c] * ratio[:, c]
    return dx


rng = np.random.default_rng(40)
x = rng.normal(size=(2, 5, 3, 3))
SUBJECT = dict(forward=lrn_forward, backward=lrn_backward, inputs=(x,))
