import numpy as np


def taps(kshape, oshape, strides):
    for i in range(kshape[0]):
        for j in range(kshape[1]):
            yield (i, j), (Ellipsis,
                           slice(i, i + (oshape[0] - 1) * strides[0] + 1, strides[0]),
                           slice(j, j + (oshape[1] - 1) * strides[1] + 1, strides[1]))


def conv(x, w, bias=None, pads=((1, 0), (2, 1)), strides=(1, 2)):
    xp = np.pad(x, ((0, 0), (0, 0)) + pads)
    kshape = w.shape[2:]
    oshape = [(n - k) // s + 1 for n, k, s in zip(xp.shape[2:], kshape, strides)]
    out = sum(np.einsum('nc...,fc->nf...', xp[sl], w[:, :, i, j]) for (i, j), sl in taps(kshape, oshape, strides))
    if bias is not None:
        out = out + bias[:, None, None]
    return out, (xp, w, bias is not None, pads, strides)


def conv_vjp(ct, cache):
    xp, w, has_bias, pads, strides = cache
    dxp, dw = np.zeros(xp.shape), np.empty(w.shape)
    for (i, j), sl in taps(w.shape[2:], ct.shape[2:], strides):
        dxp[sl] += np.einsum('nf...,fc->nc...', ct, w[:, :, i, j])
        dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', ct, xp[sl])
    (t, b), (l, r) = pads
    dx = dxp[:, :, t:dxp.shape[2] - b, l:dxp.shape[3] - r]
    return (dx, dw, np.einsum('nfhw->f', ct)) if has_bias else (dx, dw)


rng = np.random.default_rng(106)
SUBJECT = dict(forward=conv, backward=conv_vjp, inputs=(
    rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(2, 3, 2, 3)), rng.normal(size=2)), op='conv2d')
