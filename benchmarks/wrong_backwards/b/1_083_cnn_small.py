import numpy as np


def conv3(x, w, b):
    """3x3 convolution with padding 1"""
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    cols = np.stack([xp[:, :, i:i + H, j:j + W] for i in range(3) for j in range(3)], axis=2)
    out = np.einsum('nckhw,fck->nfhw', cols, w.reshape(w.shape[0], w.shape[1], 9))
    return out + b.reshape(1, -1, 1, 1), (cols, w)


def conv3_back(dout, cache):
    cols, w = cache
    N, C, _, H, W = cols.shape
    dw = np.einsum('nckhw,nfhw->fck', cols, dout).reshape(w.shape)
    dcols = np.einsum('nfhw,fck->nckhw', dout, w.reshape(w.shape[0], C, 9))
    dxp = np.zeros((N, C, H + 2, W + 2))
    for k in range(9):
        i, j = divmod(k, 3)
        dxp[:, :, i:i + H, j:j + W] += dcols[:, :, k]
    return dxp[:, :, 1:-1, 1:-1], dw, dout.sum(axis=(0, 2, 3))


def net_forward(x, w1, b1, w2, b2):
    z1, c1 = conv3(x, w1, b1)
    a1 = np.maximum(0, z1)
    z2, c2 = conv3(a1, w2, b2)
    a2 = np.maximum(0, z2)
    return a2.mean(axis=(2, 3)), (c1, z1, c2, z2)


def net_backward(dout, cache):
    c1, z1, c2, z2 = cache
    H, W = z2.shape[2:]
    da2 = np.ones_like(z2) * dout[:, :, None, None] / (H * W)
    dz2 = da2 * (z2 > 0)
    da1, dw2, db2 = conv3_back(dz2, c2)
    dz1 = da1 * (z2 > 0)
    dx, dw1, db1 = conv3_back(dz1, c1)
    return dx, dw1, db1, dw2, db2


rng = np.random.default_rng(50)
SUBJECT = dict(forward=net_forward, backward=net_backward,
               inputs=(rng.normal(size=(2, 2, 5, 5)), rng.normal(size=(3, 2, 3, 3)) * .4, rng.normal(size=3) * .1,
                       rng.normal(size=(3, 3, 3, 3)) * .4, rng.normal(size=3) * .1))
