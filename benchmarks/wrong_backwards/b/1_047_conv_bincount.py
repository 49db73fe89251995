import numpy as np


def index_table(C, H, W, k, s):
    ho, wo = (H - k) // s + 1, (W - k) // s + 1
    c, i, j = np.meshgrid(np.arange(C), np.arange(k), np.arange(k), indexing='ij')
    base = (c * H * W + i * W + j).ravel()
    r, q = np.meshgrid(np.arange(ho) * s, np.arange(wo) * s, indexing='ij')
    return base[:, None] + (r * W + q).ravel()[None, :], ho, wo


def conv_forward(x, w, b, stride=2):
    N, C, H, W = x.shape
    F, _, k, _ = w.shape
    idx, ho, wo = index_table(C, H, W, k, stride)
    cols = x.reshape(N, -1)[:, idx]
    out = np.matmul(w.reshape(F, -1), cols) + b[:, None]
    return out.reshape(N, F, ho, wo), (x.shape, w, cols, idx)


def conv_backward(dout, cache):
    shape, w, cols, idx = cache
    N, F = dout.shape[:2]
    d = dout.reshape(N, F, -1)
    dw = np.matmul(d, cols.swapaxes(1, 2)).sum(axis=0).reshape(w.shape)
    dcols = np.matmul(w.reshape(F, -1).T, d)
    size = int(np.prod(shape[1:]))
    dx = np.stack([np.bincount(idx.ravel(), weights=dc.ravel(), minlength=size) for dc in dcols])
    return dx.reshape(shape), dw, d.sum(axis=(0, 2))


rng = np.random.default_rng(101)
SUBJECT = dict(forward=conv_forward, backward=conv_backward,
               inputs=(rng.normal(size=(2, 3, 6, 7)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)))
