import numpy as np


def dwconv(x, k, b, pad=1):
    # x (N, C, H, W), k (C, kh, kw): every channel has its own filter
    N, C, H, W = x.shape
    _, kh, kw = k.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = xp.shape[2] - kh + 1, xp.shape[3] - kw + 1
    y = np.zeros((N, C, Ho, Wo))
    for u in range(kh):
        for v in range(kw):
            y += xp[:, :, u:u + Ho, v:v + Wo] * k[:, u, v].reshape(1, C, 1, 1)
    y += b.reshape(1, C, 1, 1)
    return y, (xp, k, pad)


def dwconv_back(dy, saved):
    xp, k, pad = saved
    C, kh, kw = k.shape
    Ho, Wo = dy.shape[2:]
    dxp = np.zeros_like(xp)
    dk = np.zeros_like(k)
    for u in range(kh):
        for v in range(kw):
            for c in range(C):
                dk[c, u, v] = np.sum(dy[:, c] * xp[:, c, u:u + Ho, v:v + Wo])
                dxp[:, c, u:u + Ho, v:v + Wo] += dy[:, c] * k[0, u, v]
    dx = dxp[:, :, pad:-pad, pad:-pad]
    return dx, dk, dy.sum((0, 2, 3))


rng = np.random.default_rng(6)
SUBJECT = dict(
    forward=dwconv,
    backward=dwconv_back,
    inputs=(rng.normal(size=(2, 4, 5, 6)), rng.normal(size=(4, 3, 3)), rng.normal(size=(4,))),
)
