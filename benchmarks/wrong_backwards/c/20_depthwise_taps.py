import numpy as np


def ceil_div(a, b):
    return -(-a // b)


def span(k, size, out, stride, pad):
    """First and last+1 output index whose tap k lies inside the image."""
    lo = max(0, ceil_div(pad - k, stride))
    hi = min(out, ceil_div(size + pad - k, stride))
    return lo, hi


def forward(x, w, stride=2, pad=1):
    N, C, H, W = x.shape
    kh, kw = w.shape[1:]
    OH, OW = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    y = np.zeros((N, C, OH, OW))
    for a in range(kh):
        i0, i1 = span(a, H, OH, stride, pad)
        for b in range(kw):
            j0, j1 = span(b, W, OW, stride, pad)
            src = x[:, :, i0 * stride + a - pad::stride, j0 * stride + b - pad::stride][:, :, :i1 - i0, :j1 - j0]
            y[:, :, i0:i1, j0:j1] += src * w[:, a, b].reshape(1, C, 1, 1)
    return y, (x, w, stride, pad)


def backward(dy, cache):
    x, w, stride, pad = cache
    N, C, H, W = x.shape
    OH, OW = dy.shape[2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for a in range(w.shape[1]):
        i0, i1 = span(a, H, OH, stride, pad)
        r0, r1 = span(a, H - 1, OH, stride, pad)
        for b in range(w.shape[2]):
            j0, j1 = span(b, W, OW, stride, pad)
            dst = dx[:, :, i0 * stride + a - pad::stride, j0 * stride + b - pad::stride][:, :, :i1 - i0, :j1 - j0]
            dst += dy[:, :, i0:i1, j0:j1] * w[:, a, b].reshape(1, C, 1, 1)
            src = x[:, :, r0 * stride + a - pad::stride, j0 * stride + b - pad::stride][:, :, :r1 - r0, :j1 - j0]
            dw[:, a, b] = np.sum(src * dy[:, :, r0:r1, j0:j1], axis=(0, 2, 3))
    return dx, dw


rng = np.random.default_rng(16)
SUBJECT = dict(forward=forward, backward=backward, params=dict(stride=2, pad=1),
               inputs=(rng.standard_normal((2, 3, 6, 6)), rng.standard_normal((3, 3, 3))))
