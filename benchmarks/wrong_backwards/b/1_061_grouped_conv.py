import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def group_conv(x, w, groups):
    # w: (F, C // groups, kh, kw)
    C, F = x.shape[1], w.shape[0]
    cg, fg = C // groups, F // groups
    kh, kw = w.shape[2:]
    outs, caches = [], []
    for g in range(groups):
        xg = x[:, g * cg:(g + 1) * cg]
        wg = w[g * fg:(g + 1) * fg]
        win = sliding_window_view(xg, (kh, kw), axis=(2, 3))
        outs.append(np.einsum('nchwij,fcij->nfhw', win, wg))
        caches.append((win, wg))
    return np.concatenate(outs, axis=1), (caches, x.shape, w.shape, groups)


def group_conv_backward(dout, cache):
    caches, xs, ws, groups = cache
    cg, fg = xs[1] // groups, ws[0] // groups
    kh, kw = ws[2:]
    Ho, Wo = dout.shape[2:]
    dx = np.zeros(xs)
    dws = []
    for g, (win, wg) in enumerate(caches):
        dg = dout[:, g * fg:(g + 1) * fg]
        dws.append(np.einsum('nchwij,nfhw->fcij', win, dg))
        dcols = np.einsum('nfhw,fcij->ncijhw', dg, wg)
        for i in range(kh):
            for j in range(kw):
                dx[:, g:g + cg, i:i + Ho, j:j + Wo] += dcols[:, :, i, j]
    return dx, np.concatenate(dws, axis=0), None


rng = np.random.default_rng(7)
x = rng.normal(size=(2, 4, 6, 5))
w = rng.normal(size=(6, 2, 3, 2))
SUBJECT = dict(forward=group_conv, backward=group_conv_backward, inputs=(x, w, 2))
