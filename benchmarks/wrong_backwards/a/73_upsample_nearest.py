import numpy as np


def upsample(x, scale):
    out = x.repeat(scale, axis=1).repeat(scale, axis=2)
    return out, (x.shape, scale)


def upsample_backward(dout, cache):
    (N, H, W, C), s = cache
    blocks = dout.reshape(N, s, H, s, W, C)
    return blocks.sum(axis=(1, 3))


rng = np.random.default_rng(100)
feature_map = rng.standard_normal((2, 3, 4, 2))
SUBJECT = dict(forward=upsample, backward=upsample_backward, inputs=(feature_map, 2))
