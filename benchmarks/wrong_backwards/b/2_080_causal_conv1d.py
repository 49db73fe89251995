import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def causal_conv1d(x, w, b):
    """x (N, C, T), w (F, C, K): output at t sees x[..., :t+1] only"""
    K = w.shape[2]
    pad = K - 1
    xp = np.pad(x, ((0, 0), (0, 0), (pad, 0)))
    win = sliding_window_view(xp, K, axis=2)              # N C T K
    out = np.einsum('nctk,fck->nft', win, w) + b[:, None]
    cache = (win, w, x.shape)
    return out, cache


def causal_conv1d_backward(dout, cache):
    win, w, (N, C, T) = cache
    K = w.shape[2]
    pad = K - 1
    dw = np.einsum('nft,nctk->fck', dout, win)
    db = dout.sum(axis=(0, 2))
    dwin = np.einsum('nft,fck->nctk', dout, w)
    dxp = np.zeros((N, C, T + pad))
    for k in range(K):
        dxp[:, :, k:k + T] += dwin[..., k]
    dx = dxp[:, :, :T]
    return dx, dw, db


rng = np.random.default_rng(31)
SUBJECT = dict(
    forward=causal_conv1d,
    backward=causal_conv1d_backward,
    inputs=(rng.normal(size=(3, 2, 8)), rng.normal(size=(4, 2, 3)), rng.normal(size=4)),
)
