import numpy as np


def out_size(n, k, s):
    return -(-(n - k) // s) + 1


def avg_pool_forward(x, k=2, s=2):
    """Average pooling in ceil mode: the last window may hang over the edge."""
    N, C, H, W = x.shape
    OH, OW = out_size(H, k, s), out_size(W, k, s)
    out = np.zeros((N, C, OH, OW))
    for i in range(OH):
        h0, h1 = i * s, min(i * s + k, H)
        for j in range(OW):
            w0, w1 = j * s, min(j * s + k, W)
            count = (h1 - h0) * (w1 - w0)
            out[:, :, i, j] = x[:, :, h0:h1, w0:w1].sum(axis=(2, 3)) / count
    return out, (x.shape, k, s)


def avg_pool_backward(dout, cache):
    shape, k, s = cache
    H, W = shape[2:]
    dx = np.zeros(shape)
    volume = k * k
    for i in range(dout.shape[2]):
        h0, h1 = i * s, min(i * s + k, H)
        for j in range(dout.shape[3]):
            w0, w1 = j * s, min(j * s + k, W)
            share = dout[:, :, i, j] / volume
            dx[:, :, h0:h1, w0:w1] += share[:, :, None, None]
    return dx


rng = np.random.default_rng(8)
SUBJECT = dict(forward=avg_pool_forward, backward=avg_pool_backward,
               inputs=(rng.standard_normal((2, 3, 5, 6)),), params=dict(k=2, s=2))
