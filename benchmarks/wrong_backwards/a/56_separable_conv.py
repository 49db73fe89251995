import numpy as np


def sepconv_forward(x, D, P, hparameters):
    k = D.shape[0]
    p = hparameters['pad']
    N, H, W, C = x.shape
    xp = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    y = np.zeros((N, H, W, C))
    for i in range(k):
        for j in range(k):
            y += xp[:, i:i + H, j:j + W, :] * D[i, j]
    z = y @ P
    return z, [x, xp, y, D, P, p]


def sepconv_backward(dz, cache):
    x, xp, y, D, P, p = cache
    k = D.shape[0]
    N, H, W, C = x.shape
    dy = dz @ P.T
    dP = np.tensordot(x, dz, axes=([0, 1, 2], [0, 1, 2]))
    dD = np.empty_like(D)
    dxp = np.zeros_like(xp)
    for i in range(k):
        for j in range(k):
            dD[i, j] = (xp[:, i:i + H, j:j + W, :] * dy).sum(axis=(0, 1, 2))
            dxp[:, i:i + H, j:j + W, :] += dy * D[i, j]
    return [dxp[:, p:p + H, p:p + W, :], dD, dP]


rng = np.random.default_rng(29)
SUBJECT = dict(forward=sepconv_forward, backward=sepconv_backward,
               inputs=(rng.standard_normal((2, 5, 4, 3)), rng.standard_normal((3, 3, 3)), rng.standard_normal((3, 4)),
                       {'pad': 1}))
