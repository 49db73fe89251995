import numpy as np


def correlate(a, b):
    """Valid correlation of two stacks of planes: (N, H, W) with (N, h, w), summed over N."""
    h, w = b.shape[1:]
    H, W = a.shape[1:]
    out = np.empty((H - h + 1, W - w + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(a[:, i:i + h, j:j + w] * b)
    return out


def group_conv(x, w, groups):
    """x: (N, Cin, H, W), w: (Cout, Cin / groups, kh, kw)"""
    N, Cin, H, W = x.shape
    Cout, cg, kh, kw = w.shape
    og = Cout // groups
    y = np.zeros((N, Cout, H - kh + 1, W - kw + 1))
    for g in range(groups):
        xs = x[:, g * cg:(g + 1) * cg]
        ws = w[g * og:(g + 1) * og]
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                y[:, g * og:(g + 1) * og, i, j] = np.tensordot(xs[:, :, i:i + kh, j:j + kw], ws, ([1, 2, 3], [1, 2, 3]))
    return y, (x, w, groups)


def group_conv_grad(dy, cache):
    x, w, groups = cache
    Cout, cg, kh, kw = w.shape
    og = Cout // groups
    oh, ow = dy.shape[2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for o in range(Cout):
        g = o // og
        for c in range(cg):
            dw[o, c] = correlate(x[:, c * groups + g], dy[:, o])
            for a in range(kh):
                for b in range(kw):
                    dx[:, g * cg + c, a:a + oh, b:b + ow] += dy[:, o] * w[o, c, a, b]
    return dx, dw


rng = np.random.default_rng(14)
SUBJECT = dict(forward=group_conv, backward=group_conv_grad,
               inputs=(rng.standard_normal((2, 6, 5, 4)), rng.standard_normal((4, 3, 2, 3)), 2))
