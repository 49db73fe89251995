import numpy as np


def conv(x, w, s):
    kh, kw = w.shape[2:]
    oh, ow = (x.shape[2] - kh) // s + 1, (x.shape[3] - kw) // s + 1
    y = 0
    for i in range(kh):
        for j in range(kw):
            y = y + np.einsum('ncab,fc->nfab', x[:, :, i:i + s * oh:s, j:j + s * ow:s], w[:, :, i, j])
    return y


def conv_adjoint(y, w, s):
    kh, kw = w.shape[2:]
    N, _, oh, ow = y.shape
    x = np.zeros((N, w.shape[1], (oh - 1) * s + kh, (ow - 1) * s + kw))
    for i in range(kh):
        for j in range(kw):
            x[:, :, i:i + s * oh:s, j:j + s * ow:s] += np.einsum('nfab,fc->ncab', y, w[:, :, i, j])
    return x


def forward(x, w, stride):
    return conv_adjoint(x, w, stride), (x, w, stride)


def backward(dout, cache):
    x, w, s = cache
    oh, ow = x.shape[2:]
    dw = np.empty_like(w)
    for i, j in np.ndindex(w.shape[2:]):
        dw[:, :, i, j] = np.einsum('nfab,ncab->fc', x, dout[:, :, i:i + s * oh:s, j:j + s * ow:s])
    return conv(dout, w, s), dw


rng = np.random.default_rng(86)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 3, 3, 2)), rng.standard_normal((3, 2, 3, 3)), 2))
