import numpy as np


def corr(x, w, s, p):
    """strided correlation, w (F, C, k, k)"""
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    win = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    return np.einsum('nchwij,fcij->nfhw', win, w), win


def corr_input_grad(g, w, s, p, hw):
    N = g.shape[0]
    F, C, k, _ = w.shape
    big = np.zeros((N, C, hw[0] + 2 * p, hw[1] + 2 * p))
    for a in range(g.shape[2]):
        for b in range(g.shape[3]):
            big[:, :, a * s:a * s + k, b * s:b * s + k] += np.tensordot(g[:, :, a, b], w, axes=1)
    return big[:, :, p:p + hw[0], p:p + hw[1]]


def deconv(x, w, stride, pad):
    k = w.shape[-1]
    hw = [(n - 1) * stride + k - 2 * pad for n in x.shape[2:]]
    return corr_input_grad(x, w, stride, pad, hw), (x, w, stride, pad)


def deconv_backward(dy, cache):
    x, w, stride, pad = cache
    dx, win = corr(dy, w, stride, pad)
    dw = np.einsum('nfhw,nchwij->fcij', x, win)
    return dx, dw, None, None


rng = np.random.default_rng(117)
SUBJECT = dict(forward=deconv, backward=deconv_backward,
               inputs=(rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(3, 2, 3, 3)), 2, 1))
