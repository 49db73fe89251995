import numpy as np


def dilated_conv(x, w, dilation=2):
    n, c, h, wd = x.shape
    f, _, k, _ = w.shape
    span = dilation * (k - 1)
    oh, ow = h - span, wd - span
    out = np.zeros((n, f, oh, ow))
    for i in range(k):
        for j in range(k):
            r, q = i * dilation, j * dilation
            out += np.einsum('nchw,fc->nfhw', x[:, :, r:r + oh, q:q + ow], w[:, :, i, j])
    return out, dict(x=x, w=w, d=dilation)


def dilated_conv_back(grad, cache):
    x, w, d = cache['x'], cache['w'], cache['d']
    k = w.shape[2]
    oh, ow = grad.shape[2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(k):
        for j in range(k):
            patch = x[:, :, i * d:i * d + oh, j * d:j * d + ow]
            dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', grad, patch)
            dx[:, :, i:i + oh, j:j + ow] += np.einsum('nfhw,fc->nchw', grad, w[:, :, i, j])
    return dx, dw


rng = np.random.default_rng(8)
SUBJECT = dict(forward=dilated_conv, backward=dilated_conv_back,
               inputs=(rng.uniform(-1, 1, (2, 2, 7, 8)), rng.uniform(-1, 1, (3, 2, 3, 3))),
               params=dict(dilation=2))
