import numpy as np


def conv3d(x, w, strides=(1, 1, 1)):
    N, C, D, H, W = x.shape
    K, _, T, R, S = w.shape
    sd, sh, sw = strides
    M, P, Q = (D - T) // sd + 1, (H - R) // sh + 1, (W - S) // sw + 1
    y = np.zeros((N, K, M, P, Q))
    for m in range(M):
        for p in range(P):
            for q in range(Q):
                block = x[:, :, m * sd:m * sd + T, p * sh:p * sh + R, q * sw:q * sw + S]
                y[:, :, m, p, q] = np.einsum('nctrs,kctrs->nk', block, w)
    return y, (x, w, strides)


def conv3d_backward(dy, cache):
    x, w, (sd, sh, sw) = cache
    T, R, S = w.shape[2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    _, _, M, P, Q = dy.shape
    for m in range(M):
        for t in range(T):
            d = m * sd + t
            for p in range(P):
                for q in range(Q):
                    g = dy[:, :, m, p, q]
                    rows = slice(p * sh, p * sh + R)
                    cols = slice(q * sw, q * sw + S)
                    dx[:, :, m, rows, cols] += np.einsum('nk,kcrs->ncrs', g, w[:, :, t])
                    dw[:, :, t] += np.einsum('nk,ncrs->kcrs', g, x[:, :, d, rows, cols])
    return dx, dw


rng = np.random.default_rng(6)
SUBJECT = dict(forward=conv3d, backward=conv3d_backward,
               inputs=(rng.standard_normal((2, 2, 4, 4, 3)), rng.standard_normal((2, 2, 2, 2, 2))))
