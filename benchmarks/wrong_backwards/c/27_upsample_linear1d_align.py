import math
import numpy as np


def upsample_linear1d(x, out_w):
    """Linear resize of (N, C, W), corners aligned."""
    N, C, in_w = x.shape
    ratio = (in_w - 1) / (out_w - 1)
    y = np.zeros((N, C, out_w))
    for j in range(out_w):
        pos = j * ratio
        left = min(int(pos), in_w - 2)
        frac = pos - left
        y[:, :, j] = (1 - frac) * x[:, :, left] + frac * x[:, :, left + 1]
    return y, (x.shape, out_w)


def upsample_linear1d_backward(grad, cache):
    (N, C, in_w), out_w = cache
    ratio = (in_w - 1) / (out_w - 1)
    stretch = out_w / in_w
    reach = math.ceil(stretch) + 1
    dx = np.zeros((N, C, in_w))
    for i in range(in_w):
        centre = round(i / ratio)
        for j in range(max(0, centre - reach), min(out_w, centre + reach + 1)):
            weight = 1 - abs(j * ratio - i)
            if weight > 0:
                dx[:, :, i] += weight * grad[:, :, j]
    return dx


rng = np.random.default_rng(22)
SUBJECT = dict(forward=upsample_linear1d, backward=upsample_linear1d_backward,
               inputs=(rng.standard_normal((2, 3, 3)), 24))
