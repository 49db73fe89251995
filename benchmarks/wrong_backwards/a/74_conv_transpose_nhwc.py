import numpy as np


def deconv_forward(x, w, stride=1, pad=0):
    N, H, W, Ci = x.shape
    kh, kw, _, Co = w.shape
    Hf, Wf = (H - 1) * stride + kh, (W - 1) * stride + kw
    full = np.zeros((N, Hf, Wf, Co))
    for i in range(H):
        for j in range(W):
            full[:, i * stride:i * stride + kh, j * stride:j * stride + kw] += np.einsum('nc,klco->nklo', x[:, i, j], w)
    out = full[:, pad:Hf - pad, pad:Wf - pad]
    return out, dict(x=x, w=w, stride=stride, pad=pad)


def deconv_backward(dout, cache):
    x, w, s, p = cache['x'], cache['w'], cache['stride'], cache['pad']
    kh, kw = w.shape[:2]
    g = np.pad(dout, ((0, 0), (p, p), (p, p), (0, 0)))
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            dx[:, i, j] = np.einsum('nklo,klco->nc', g[:, i * s:i * s + kh, j * s:j * s + kw], w)
            dw += np.einsum('nklo,nc->klco', g[:, i:i + kh, j:j + kw], x[:, i, j])
    return dx, dw


rng = np.random.default_rng(33)
SUBJECT = dict(forward=deconv_forward, backward=deconv_backward,
               inputs=(rng.standard_normal((2, 4, 3, 3)), rng.standard_normal((3, 3, 3, 2))),
               params={'stride': 2, 'pad': 1})
