import numpy as np


def atrous_forward(x, w, conv_param):
    d, p = conv_param['dilation'], conv_param['pad']
    N, C, H, W = x.shape
    F, _, kh, kw = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    Ho = H + 2 * p - d * (kh - 1)
    Wo = W + 2 * p - d * (kw - 1)
    out = np.zeros((N, F, Ho, Wo))
    for i in range(kh):
        for j in range(kw):
            out += np.einsum('nchw,fc->nfhw', xp[:, :, i * d:i * d + Ho, j * d:j * d + Wo], w[:, :, i, j])
    return out, (xp, w, d, p, (H, W))


def atrous_backward(dout, cache):
    xp, w, d, p, (H, W) = cache
    Ho, Wo = dout.shape[-2:]
    dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', dout, xp[:, :, i * d:i * d + Ho, j * d:j * d + Wo])
            dxp[:, :, i:i + Ho, j:j + Wo] += np.einsum('nfhw,fc->nchw', dout, w[:, :, i, j])
    return dxp[:, :, p:p + H, p:p + W], dw


rng = np.random.default_rng(23)
SUBJECT = dict(forward=atrous_forward, backward=atrous_backward,
               inputs=(rng.standard_normal((2, 2, 7, 6)), rng.standard_normal((3, 2, 3, 3))),
               params={'conv_param': {'dilation': 2, 'pad': 2}}, names=('x', 'w'))
