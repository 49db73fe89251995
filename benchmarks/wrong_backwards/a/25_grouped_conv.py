import numpy as np


def group_conv_forward(x, w, b, conv_param):
    G = conv_param['groups']
    N, C, H, W = x.shape
    F, Cg, kh, kw = w.shape
    Fg = F // G
    Ho, Wo = H - kh + 1, W - kw + 1
    out = np.zeros((N, F, Ho, Wo))
    for g in range(G):
        xg = x[:, g * Cg:(g + 1) * Cg]
        wg = w[g * Fg:(g + 1) * Fg]
        for i in range(kh):
            for j in range(kw):
                out[:, g * Fg:(g + 1) * Fg] += np.einsum(
                    'nchw,fc->nfhw', xg[:, :, i:i + Ho, j:j + Wo], wg[:, :, i, j])
    return out + b.reshape(1, -1, 1, 1), (x, w, conv_param)


def group_conv_backward(dout, cache):
    x, w, conv_param = cache
    G = conv_param['groups']
    F, Cg, kh, kw = w.shape
    Fg = F // G
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.einsum('nfhw->f', dout)
    for g in range(G):
        fs, cs = slice(g * Fg, (g + 1) * Fg), slice(g * Cg, (g + 1) * Cg)
        for i in range(kh):
            for j in range(kw):
                dw[fs, :, i, j] = np.einsum('nfhw,nchw->fc', dout[:, fs], x[:, cs, i:i + Ho, j:j + Wo])
                dx[:, cs, i:i + Ho, j:j + Wo] = np.einsum('nfhw,fc->nchw', dout[:, fs], w[fs, :, i, j])
    return dx, dw, db


rng = np.random.default_rng(12)
SUBJECT = dict(forward=group_conv_forward, backward=group_conv_backward,
               inputs=(rng.standard_normal((2, 4, 6, 5)), rng.standard_normal((4, 2, 3, 2)),
                       rng.standard_normal(4), {'groups': 2}))
