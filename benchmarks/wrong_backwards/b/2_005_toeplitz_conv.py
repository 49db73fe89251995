import numpy as np


def build_index(H, W, C, F, k):
    """entry (row, col) of the matrix holds w.flat[src]"""
    oh, ow = H - k + 1, W - k + 1
    rows, cols, src = [], [], []
    for f, i, j in np.ndindex(F, oh, ow):
        for c, a, b in np.ndindex(C, k, k):
            rows.append((c * H + i + a) * W + j + b)
            cols.append((f * oh + i) * ow + j)
            src.append(((f * C + c) * k + a) * k + b)
    return np.array(rows), np.array(cols), np.array(src), (oh, ow)


def forward(x, w):
    N, C, H, W = x.shape
    F, _, k, _ = w.shape
    rows, cols, src, (oh, ow) = build_index(H, W, C, F, k)
    M = np.zeros((C * H * W, F * oh * ow))
    M[rows, cols] = w.ravel()[src]
    y = x.reshape(N, -1) @ M
    return y.reshape(N, F, oh, ow), (x, M, rows, cols, src, w.shape)


def backward(dy, cache):
    x, M, rows, cols, src, wshape = cache
    N = len(x)
    dflat = dy.reshape(N, -1)
    dx = (dflat @ M.T).reshape(x.shape)
    dM = x.reshape(N, -1).T @ dflat
    dw = np.bincount(src, weights=dM[rows, cols], minlength=np.prod(wshape))
    return dx, dw.reshape(wshape)


rng = np.random.default_rng(104)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 2, 4, 5)), rng.normal(size=(3, 2, 2, 2))))
