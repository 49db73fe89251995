import numpy as np


def up_and_merge(low, skip, gain):
    """nearest x2 upsampling of `low`, scaled per channel, plus the skip connection"""
    up = low.repeat(2, axis=2).repeat(2, axis=3)
    scaled = up * gain[None, :, None, None]
    return scaled + skip, (low, up, gain)


def up_and_merge_backward(dout, cache):
    low, up, gain = cache
    dskip = dout.copy()
    dgain = (dout * up).sum(axis=(0, 2, 3))
    dup = dout * gain[None, :, None, None]
    dlow = dup[:, :, ::2, ::2]
    return dlow, dskip, dgain


rng = np.random.default_rng(31)
low = rng.normal(size=(2, 3, 3, 4))
skip = rng.normal(size=(2, 3, 6, 8))
gain = rng.uniform(0.5, 1.5, size=3)
SUBJECT = dict(forward=up_and_merge, backward=up_and_merge_backward, inputs=(low, skip, gain))
