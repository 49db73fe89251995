import numpy as np


def pool_forward(A_prev, hparameters):
    m, H, W, C = A_prev.shape
    f, s = hparameters['f'], hparameters['stride']
    n_H, n_W = 1 + (H - f) // s, 1 + (W - f) // s
    A = np.zeros((m, n_H, n_W, C))
    reduce = {'average': np.mean, 'max': np.max}[hparameters['mode']]
    for h in range(n_H):
        for w in range(n_W):
            A[:, h, w, :] = reduce(A_prev[:, h * s:h * s + f, w * s:w * s + f, :], axis=(1, 2))
    return A, (A_prev, hparameters)


def distribute_value(dz, shape):
    (n_H, n_W) = shape
    average = dz / n_H
    return np.ones(shape) * average


def pool_backward(dA, cache):
    A_prev, hparameters = cache
    f, s, mode = hparameters['f'], hparameters['stride'], hparameters['mode']
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros_like(A_prev)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    rows, cols = slice(h * s, h * s + f), slice(w * s, w * s + f)
                    if mode == 'max':
                        win = A_prev[i, rows, cols, c]
                        dA_prev[i, rows, cols, c] += (win == win.max()) * dA[i, h, w, c]
                    else:
                        dA_prev[i, rows, cols, c] += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev


rng = np.random.default_rng(44)
SUBJECT = dict(forward=pool_forward, backward=pool_backward,
               inputs=(rng.standard_normal((2, 5, 7, 2)), {'f': 3, 'stride': 2, 'mode': 'average'}))
