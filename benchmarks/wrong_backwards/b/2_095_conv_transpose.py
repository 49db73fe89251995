import numpy as np


def deconv_forward(x, w, b, stride):
    # x: (N, C, H, W)   w: (C, F, K, K)
    N, C, H, W = x.shape
    _, F, K, _ = w.shape
    out = np.zeros((N, F, (H - 1) * stride + K, (W - 1) * stride + K))
    for i in range(K):
        for j in range(K):
            out[:, :, i:i + H * stride:stride, j:j + W * stride:stride] += np.einsum('nchw,cf->nfhw', x, w[:, :, i, j])
    out += b.reshape(1, F, 1, 1)
    return out, (x, w, stride)


def deconv_backward(dout, cache):
    x, w, stride = cache
    N, C, H, W = x.shape
    K = w.shape[2]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for i in range(K):
        for j in range(K):
            d = dout[:, :, i:i + H * stride:stride, j:j + W * stride:stride]
            dx += np.einsum('nfhw,cf->nchw', d, w[:, :, i, j])
            dw[:, :, K - 1 - i, K - 1 - j] = np.einsum('nchw,nfhw->cf', x, d)
    db = dout.sum((0, 2, 3))
    return dx, dw, db


rng = np.random.default_rng(13)
x = rng.standard_normal((2, 3, 3, 4))
w = rng.standard_normal((3, 2, 3, 3))
b = np.array([0.1, -0.4])
SUBJECT = dict(forward=deconv_forward, backward=deconv_backward, inputs=(x, w, b, 2))
