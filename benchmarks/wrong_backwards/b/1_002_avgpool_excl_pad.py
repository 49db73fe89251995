import numpy as np


def avg_pool(x, k=3, stride=2, pad=1):
    """average over the valid pixels only (count_include_pad=False)"""
    N, C, H, W = x.shape
    Ho, Wo = (H + 2 * pad - k) // stride + 1, (W + 2 * pad - k) // stride + 1
    y = np.zeros((N, C, Ho, Wo))
    spans = {}
    for i in range(Ho):
        t = i * stride - pad
        for j in range(Wo):
            l = j * stride - pad
            box = (max(t, 0), min(t + k, H), max(l, 0), min(l + k, W))
            spans[i, j] = box
            y[:, :, i, j] = x[:, :, box[0]:box[1], box[2]:box[3]].mean(axis=(2, 3))
    return y, (x.shape, spans, k)


def avg_pool_backward(dy, cache):
    shape, spans, k = cache
    dx = np.zeros(shape)
    for (i, j), (t, b, l, r) in spans.items():
        area = k * k
        dx[:, :, t:b, l:r] += dy[:, :, i:i + 1, j:j + 1] / area
    return dx


rng = np.random.default_rng(24)
SUBJECT = dict(forward=avg_pool, backward=avg_pool_backward,
               inputs=(rng.normal(size=(2, 3, 6, 7)),), params=dict(k=3, stride=2, pad=1))
