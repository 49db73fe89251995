import numpy as np


def dilated_forward(A_prev, W, b, hparameters):
    d = hparameters["dilation"]
    m, n_H, n_W, _ = A_prev.shape
    f, _, _, n_C = W.shape
    pad = d * (f - 1) // 2
    Ap = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, n_H, n_W, n_C))
    span = d * (f - 1) + 1
    for h in range(n_H):
        for w in range(n_W):
            taps = Ap[:, h:h + span:d, w:w + span:d, :]
            Z[:, h, w, :] = np.einsum('mijc,ijco->mo', taps, W)
    Z += b
    return Z, (Ap, W, b, hparameters)


def dilated_backward(dZ, cache):
    Ap, W, b, hparameters = cache
    d = hparameters["dilation"]
    m, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    span = d * (f - 1) + 1
    dAp, dW = np.zeros_like(Ap), np.zeros_like(W)
    for h in range(n_H):
        for w in range(n_W):
            dz = dZ[:, h, w, :]
            dW += np.einsum('mijc,mo->ijco', Ap[:, h:h + span:d, w:w + span:d, :], dz)
            dAp[:, h:h + span:d, w:w + span:d, :] += np.einsum('mo,ijco->mijc', dz, W)
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    pad = (f - 1) // 2
    return dAp[:, pad:pad + n_H, pad:pad + n_W, :], dW, db


rng = np.random.default_rng(40)
SUBJECT = dict(forward=dilated_forward, backward=dilated_backward,
               inputs=(rng.normal(size=(2, 6, 5, 2)), rng.normal(size=(3, 3, 2, 3)),
                       rng.normal(size=(1, 1, 1, 3)), {"dilation": 2}))
