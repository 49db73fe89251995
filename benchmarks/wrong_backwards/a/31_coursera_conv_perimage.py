import numpy as np


def conv_forward(A_prev, W, b, hparameters):
    m, nHp, nWp, nCp = A_prev.shape
    fh, fw, _, nC = W.shape
    s, p = hparameters['stride'], hparameters['pad']
    nH = (nHp + 2 * p - fh) // s + 1
    nW = (nWp + 2 * p - fw) // s + 1
    Ap = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    Z = np.empty((m, nH, nW, nC))
    for h in range(nH):
        for w in range(nW):
            sl = Ap[:, h * s:h * s + fh, w * s:w * s + fw, :]
            Z[:, h, w, :] = np.tensordot(sl, W, axes=3) + b.reshape(1, -1)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    fh, fw, _, nC = W.shape
    s, p = hparameters['stride'], hparameters['pad']
    m, nH, nW, nC = dZ.shape
    A_prev_pad = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    dA_prev = np.zeros(A_prev.shape)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    for i in range(m):
        a_prev_pad = A_prev_pad[0]
        da_prev_pad = dA_prev_pad[i]
        for h in range(nH):
            for w in range(nW):
                for c in range(nC):
                    y0, x0 = h * s, w * s
                    a_slice = a_prev_pad[y0:y0 + fh, x0:x0 + fw, :]
                    da_prev_pad[y0:y0 + fh, x0:x0 + fw, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i] = da_prev_pad[p:p + A_prev.shape[1], p:p + A_prev.shape[2], :]
    return dA_prev, dW, db


rng = np.random.default_rng(21)
SUBJECT = dict(forward=conv_forward, backward=conv_backward,
               inputs=(rng.normal(size=(3, 5, 6, 2)), rng.normal(size=(3, 2, 2, 3)), rng.normal(size=(1, 1, 1, 3))),
               params={'hparameters': {'stride': 1, 'pad': 1}}, names=['A_prev', 'W', 'b'])
