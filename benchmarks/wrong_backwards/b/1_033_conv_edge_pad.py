import numpy as np


def forward(x, w):
    p = w.shape[-1] // 2
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode='edge')
    out = 0
    for i in range(2 * p + 1):
        for j in range(2 * p + 1):
            out = out + np.einsum('fc,nchw->nfhw', w[:, :, i, j], xp[:, :, i:i + H, j:j + W])
    return out, (xp, w, p)


def fold_edge(g, p, axis):
    """adjoint of edge padding along one axis"""
    g = np.moveaxis(g, axis, 0).copy()
    g[p] += g[:p].sum(axis=0)
    g[-p - 1] += g[-p:].sum(axis=0)
    return np.moveaxis(g[p:-p], 0, axis)


def backward(dout, cache):
    xp, w, p = cache
    H, W = dout.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i, j in np.ndindex(*w.shape[2:]):
        window = np.s_[:, :, i:i + H, j:j + W]
        dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', dout, xp[window])
        dxp[window] += np.einsum('fc,nfhw->nchw', w[:, :, i, j], dout)
    return fold_edge(fold_edge(dxp, p, 2), p, 3), dw


rng = np.random.default_rng(110)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 2, 4, 6)), rng.normal(size=(3, 2, 5, 5))))
