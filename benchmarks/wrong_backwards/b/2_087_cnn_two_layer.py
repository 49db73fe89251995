import numpy as np


def conv3(x, w):
    # same convolution with a 3x3 kernel
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    H, W = x.shape[2:]
    out = sum(np.einsum('nchw,fc->nfhw', xp[:, :, i:i + H, j:j + W], w[:, :, i, j])
              for i in range(3) for j in range(3))
    return out, (xp, w)


def conv3_back(d, cache):
    xp, w = cache
    H, W = d.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(3):
        for j in range(3):
            dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', d, xp[:, :, i:i + H, j:j + W])
            dxp[:, :, i:i + H, j:j + W] += np.einsum('nfhw,fc->nchw', d, w[:, :, i, j])
    return dxp[:, :, 1:-1, 1:-1], dw


def forward(x, w1, w2):
    z1, c1 = conv3(x, w1)
    a1 = np.maximum(z1, 0)
    z2, c2 = conv3(a1, w2)
    a2 = np.maximum(z2, 0)
    return a2.mean(axis=(2, 3)), (c1, c2, z1, z2)


def backward(dout, cache):
    c1, c2, z1, z2 = cache
    H, W = z2.shape[2:]
    da2 = np.broadcast_to(dout[:, :, None, None] / (H * W), z2.shape)
    dz2 = da2 * (z2 > 0)
    da1, dw2 = conv3_back(dz2, c2)
    dz1 = da1 * (z2 > 0)
    dx, dw1 = conv3_back(dz1, c1)
    return {'x': dx, 'w1': dw1, 'w2': dw2}


rng = np.random.default_rng(50)
x = rng.normal(size=(2, 2, 5, 5))
w1 = rng.normal(size=(3, 2, 3, 3)) * 0.4
w2 = rng.normal(size=(3, 3, 3, 3)) * 0.4
SUBJECT = dict(forward=forward, backward=backward, inputs=(x, w1, w2))
