import numpy as np


def maxpool_forward(x, pool_param):
    N, C, H, W = x.shape
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    oh, ow = 1 + (H - ph) // s, 1 + (W - pw) // s
    out = np.zeros((N, C, oh, ow))
    for r in range(oh):
        for c in range(ow):
            out[:, :, r, c] = x[:, :, r * s:r * s + ph, c * s:c * s + pw].max(axis=(2, 3))
    return out, (x, pool_param)


def maxpool_backward(dout, cache):
    x, pool_param = cache
    N, C, H, W = x.shape
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros_like(x)
    for n in range(N):
        for ch in range(C):
            for r in range(dout.shape[2]):
                for c in range(dout.shape[3]):
                    window = x[n, ch, r * s:r * s + ph, c * s:c * s + pw]
                    i, j = np.unravel_index(window.argmax(), window.shape)
                    dx[n, ch, r * s + i, c * s + j] = dout[n, ch, r, c]
    return dx


rng = np.random.default_rng(23)
SUBJECT = dict(forward=maxpool_forward, backward=maxpool_backward,
               inputs=(rng.normal(size=(2, 2, 7, 7)), dict(pool_height=3, pool_width=3, stride=2)))
