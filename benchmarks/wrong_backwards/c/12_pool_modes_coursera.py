import numpy as np


def pool_forward(A_prev, hparameters, mode='max'):
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    f, stride = hparameters['f'], hparameters['stride']
    n_H = 1 + (n_H_prev - f) // stride
    n_W = 1 + (n_W_prev - f) // stride
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    piece = A_prev[i, h * stride:h * stride + f, w * stride:w * stride + f, c]
                    A[i, h, w, c] = piece.max() if mode == 'max' else piece.mean()
    return A, (A_prev, hparameters, mode)


def winner_mask(window):
    return (window == window.max()).astype(float)


def spread_evenly(value, f):
    return np.full((f, f), value / f ** 2)


def pool_backward(dA, cache):
    A_prev, hparameters, mode = cache
    f, stride = hparameters['f'], hparameters['stride']
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vs, ve = h * stride, h * stride + f
                    hs, he = w * stride, w * stride + f
                    if mode == 'max':
                        mask = winner_mask(A_prev[i, vs:ve, hs:he, c])
                        dA_prev[i, vs:ve, hs:he, c] += mask * dA[i, vs:ve, hs:he, c]
                    else:
                        dA_prev[i, vs:ve, hs:he, c] += spread_evenly(dA[i, h, w, c], f)
    return dA_prev


rng = np.random.default_rng(9)
SUBJECT = dict(forward=pool_forward, backward=pool_backward,
               inputs=(rng.standard_normal((2, 5, 5, 2)), {'f': 2, 'stride': 1}), params={'mode': 'max'})
