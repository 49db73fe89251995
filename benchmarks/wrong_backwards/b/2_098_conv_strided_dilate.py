import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(x, k, s):
    n, c, h, w = x.shape
    oh, ow = (h - k) // s + 1, (w - k) // s + 1
    sn, sc, sh, sw = x.strides
    return as_strided(x, (n, c, oh, ow, k, k), (sn, sc, sh * s, sw * s, sh, sw))


def spread(g, s):
    n, f, oh, ow = g.shape
    big = np.zeros((n, f, (oh - 1) * s + 1, (ow - 1) * s + 1))
    big[...] = g.repeat(s, axis=2).repeat(s, axis=3)[:, :, :big.shape[2], :big.shape[3]]
    return big


def forward(x, w, stride):
    win = windows(np.ascontiguousarray(x), w.shape[-1], stride)
    out = np.tensordot(win, w, axes=([1, 4, 5], [1, 2, 3]))
    return out.transpose(0, 3, 1, 2), (x, w, stride)


def backward(g, cache):
    x, w, s = cache
    k = w.shape[-1]
    win = windows(np.ascontiguousarray(x), k, s)
    dw = np.tensordot(g, win, axes=([0, 2, 3], [0, 2, 3]))
    big = spread(g, s)
    big = np.pad(big, ((0, 0), (0, 0), (k - 1, k - 1), (k - 1, k - 1)))
    gw = windows(np.ascontiguousarray(big), k, 1)
    d = np.tensordot(gw, w[:, :, ::-1, ::-1], axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)
    dx = np.zeros_like(x)
    dx[:, :, :d.shape[2], :d.shape[3]] = d
    return dx, dw


rng = np.random.default_rng(5)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 2, 8, 8)), rng.standard_normal((3, 2, 3, 3)), 2))
