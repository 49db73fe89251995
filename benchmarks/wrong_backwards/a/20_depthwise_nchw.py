import numpy as np


def depthwise_forward(x, k, conv_param):
    pad = conv_param['pad']
    N, C, H, W = x.shape
    _, r, c = k.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = H + 2 * pad - r + 1, W + 2 * pad - c + 1
    out = np.zeros((N, C, Ho, Wo))
    for i in range(r):
        for j in range(c):
            out += xp[:, :, i:i + Ho, j:j + Wo] * k[:, i, j][None, :, None, None]
    return out, (xp, k, pad, x.shape)


def depthwise_backward(dout, cache):
    xp, k, pad, shape = cache
    N, C, H, W = shape
    Ho, Wo = dout.shape[2:]
    dk = np.zeros_like(k)
    dxp = np.zeros_like(xp)
    for n in range(N):
        for i in range(k.shape[1]):
            for j in range(k.shape[2]):
                patch = xp[n, :, i:i + Ho, j:j + Wo]
                dk[:, i, j] = np.sum(patch * dout[n], axis=(1, 2))
                dxp[n, :, i:i + Ho, j:j + Wo] += dout[n] * k[:, i, j].reshape(C, 1, 1)
    return dxp[:, :, pad:pad + H, pad:pad + W], dk


rng = np.random.default_rng(6)
x = rng.normal(size=(3, 4, 5, 5))
k = rng.normal(size=(4, 3, 3))
SUBJECT = dict(forward=depthwise_forward, backward=depthwise_backward, inputs=(x, k),
               params=dict(conv_param={'pad': 1}))
