import numpy as np


def max_pool_forward(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    Ho, Wo = (H - ph) // s + 1, (W - pw) // s + 1
    out = np.zeros((N, C, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            out[:, :, i, j] = np.max(x[:, :, i * s:i * s + ph, j * s:j * s + pw], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        region = x[n, c, i * s:i * s + ph, j * s:j * s + pw]
        dx[n, c, i * s:i * s + ph, j * s:j * s + pw] = (region == region.max()) * dout[n, c, i, j]
    return dx


rng = np.random.default_rng(117)
SUBJECT = dict(forward=max_pool_forward, backward=max_pool_backward,
               inputs=(rng.normal(size=(2, 3, 8, 7)), {'pool_height': 2, 'pool_width': 2, 'stride': 3}))
