import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def corr(x, w):
    return np.einsum('nchwij,fcij->nfhw', sliding_window_view(x, w.shape[-2:], axis=(-2, -1)), w)


def forward(x, w, stride=2):
    y = corr(x, w)[:, :, ::stride, ::stride]
    return y, (x, w, stride)


def backward(dy, cache):
    x, w, stride = cache
    kh, kw = w.shape[-2:]
    H1, W1 = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    full = np.zeros(dy.shape[:2] + (H1, W1))
    full[:, :, ::stride, ::stride] = dy
    dw = corr(x.transpose(1, 0, 2, 3), full.transpose(1, 0, 2, 3)).transpose(1, 0, 2, 3)
    padded = np.pad(full, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    dx = corr(padded, np.rot90(w, 2, axes=(2, 3)).transpose(1, 0, 2, 3))
    return dx, dw


rng = np.random.default_rng(22)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 2, 8, 7)), rng.standard_normal((3, 2, 3, 2))), params={'stride': 2})
