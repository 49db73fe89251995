import numpy as np


def avgpool_forward(x, pool_param):
    k, s, p = pool_param['kernel'], pool_param['stride'], pool_param['pad']
    N, C, H, W = x.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    ones = np.pad(np.ones((H, W)), p)
    Ho, Wo = (H + 2 * p - k) // s + 1, (W + 2 * p - k) // s + 1
    count = np.zeros((Ho, Wo))
    out = np.zeros((N, C, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            count[i, j] = ones[i * s:i * s + k, j * s:j * s + k].sum()
            out[:, :, i, j] = xp[:, :, i * s:i * s + k, j * s:j * s + k].sum((2, 3)) / count[i, j]
    return out, (x.shape, count, pool_param)


def avgpool_backward(dout, cache):
    (N, C, H, W), count, pool_param = cache
    k, s, p = pool_param['kernel'], pool_param['stride'], pool_param['pad']
    dxp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    Ho, Wo = count.shape
    for i in range(Ho):
        for j in range(Wo):
            share = dout[:, :, i, j] / (k * k)
            dxp[:, :, i * s:i * s + k, j * s:j * s + k] += share[:, :, None, None]
    return dxp[:, :, p:p + H, p:p + W]


rng = np.random.default_rng(27)
SUBJECT = dict(forward=avgpool_forward, backward=avgpool_backward, inputs=(rng.standard_normal((2, 2, 6, 6)),),
               params=dict(pool_param={'kernel': 3, 'stride': 2, 'pad': 1}))
