import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(xp, kh, kw):
    n, c, h, w = xp.shape
    sn, sc, sh, sw = xp.strides
    return as_strided(xp, (n, c, h - kh + 1, w - kw + 1, kh, kw), (sn, sc, sh, sw, sh, sw), writeable=False)


def conv(x, w, padding=(1, 2)):
    ph, pw = padding
    xp = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    view = windows(xp, *w.shape[2:])
    out = np.tensordot(view, w, axes=[(1, 4, 5), (1, 2, 3)]).transpose(0, 3, 1, 2)
    return out, (x.shape, xp, w, padding)


def conv_grad(dout, cache):
    shape, xp, w, (ph, pw) = cache
    kh, kw = w.shape[2:]
    H, W = shape[2:]
    view = windows(xp, kh, kw)
    dw = np.tensordot(dout, view, axes=[(0, 2, 3), (0, 2, 3)])
    dpad = np.pad(dout, [(0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)])
    flipped = w[:, :, ::-1, ::-1]
    dxp = np.tensordot(windows(dpad, kh, kw), flipped, axes=[(1, 4, 5), (0, 2, 3)]).transpose(0, 3, 1, 2)
    dx = dxp[:, :, ph:ph + H, ph:ph + W]
    return dx, dw


rng = np.random.default_rng(12)
x = rng.normal(size=(2, 3, 5, 4))
w = rng.normal(size=(2, 3, 3, 5))
SUBJECT = dict(forward=conv, backward=conv_grad, inputs=(x, w), params=dict(padding=(1, 2)))
