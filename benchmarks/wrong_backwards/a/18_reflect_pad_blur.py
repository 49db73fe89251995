import numpy as np

KERNEL = np.array([0.25, 0.5, 0.25])


def blur_forward(x, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)), mode='reflect')
    T = x.shape[2] + 2 * pad - len(KERNEL) + 1
    out = sum(k * xp[:, :, i:i + T] for i, k in enumerate(KERNEL))
    return out, (x.shape, pad, T)


def blur_backward(dout, cache):
    (N, C, L), pad, T = cache
    dxp = np.zeros((N, C, L + 2 * pad))
    for i, k in enumerate(KERNEL):
        dxp[:, :, i:i + T] += k * dout
    dx = dxp[:, :, pad:pad + L].copy()
    return dx


signal = np.random.default_rng(36).standard_normal((2, 3, 8))
SUBJECT = dict(forward=blur_forward, backward=blur_backward, inputs=(signal, 2))
