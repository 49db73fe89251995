import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv(x, w, stride):
    win = sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum('nchwij,fcij->nfhw', win, w), (x, w, stride)


def conv_backward(dout, cache):
    x, w, s = cache
    N, F, ho, wo = dout.shape
    kh, kw = w.shape[2:]
    H, W = x.shape[2:]
    spread = np.zeros((N, F, H - kh + 1, W - kw + 1))
    spread[:, :, ::s, ::s] = dout
    full = np.pad(spread, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    dx = np.einsum('nfhwij,fcij->nchw', sliding_window_view(full, (kh, kw), axis=(2, 3)), w[:, :, ::-1, ::-1])
    dw = np.einsum('ncijhw,nfhw->fcij', sliding_window_view(x, spread.shape[2:], axis=(2, 3)), spread)
    return dx, dw


rng = np.random.default_rng(103)
SUBJECT = dict(forward=conv, backward=conv_backward,
               inputs=(rng.normal(size=(2, 3, 8, 7)), rng.normal(size=(2, 3, 3, 2)), 2))
