import numpy as np


def max_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    H_out = 1 + (H - HH) // S
    W_out = 1 + (W - WW) // S
    out = np.zeros((N, C, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            out[:, :, i, j] = x[:, :, i * S:i * S + HH, j * S:j * S + WW].max(axis=(2, 3))
    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * S:i * S + HH, j * S:j * S + WW]
                    r, q = np.unravel_index(window.argmax(), window.shape)
                    dx[n, c, i * S + r, j * S + q] = dout[n, c, i, j]
    return dx


rng = np.random.default_rng(231)
x = rng.standard_normal((3, 2, 7, 7))
SUBJECT = dict(forward=max_pool_forward_naive, backward=max_pool_backward_naive,
               inputs=(x, {'pool_height': 3, 'pool_width': 3, 'stride': 2}))
