import numpy as np


def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param['pool_height'], pool_param['pool_width']
    s = pool_param['stride']
    N, C, H, W = x.shape
    Ho = 1 + (H - HH) // s
    Wo = 1 + (W - WW) // s
    out = np.zeros((N, C, Ho, Wo))
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    out[n, c, i, j] = x[n, c, i * s:i * s + HH, j * s:j * s + WW].max()
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param['pool_height'], pool_param['pool_width']
    s = pool_param['stride']
    N, C, Ho, Wo = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    window = x[n, c, i * s:i * s + HH, j * s:j * s + WW]
                    m, k = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * s + m, j * s + k] = dout[n, c, i, j]
    return dx


x = np.random.default_rng(21).normal(size=(2, 3, 7, 7))
SUBJECT = dict(forward=max_pool_forward_naive, backward=max_pool_backward_naive,
               inputs=(x, {'pool_height': 3, 'pool_width': 3, 'stride': 2}))
