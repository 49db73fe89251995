import numpy as np
from numpy.lib.stride_tricks import as_strided


def view_windows(x, kernel, stride=(1, 1), dilation=(1, 1)):
    """(B, C, H, W) -> (B, C, kh, kw, OH, OW) without copying."""
    B, C, H, W = x.shape
    kh, kw = kernel
    eh, ew = (kh - 1) * dilation[0] + 1, (kw - 1) * dilation[1] + 1
    oh, ow = (H - eh) // stride[0] + 1, (W - ew) // stride[1] + 1
    sb, sc, sh, sw = x.strides
    return as_strided(x, (B, C, kh, kw, oh, ow),
                      (sb, sc, sh * dilation[0], sw * dilation[1], sh * stride[0], sw * stride[1]), writeable=False)


def conv_f(x, kernel, stride=(1, 1)):
    win = view_windows(x, kernel.shape[2:], stride)
    y = np.tensordot(win, kernel, [(1, 2, 3), (1, 2, 3)]).transpose(0, 3, 1, 2)
    return y, (x, kernel, stride)


def weight_backward_f(dy, x, kernel, stride):
    B, F, oh, ow = dy.shape
    kh, kw = kernel.shape[2:]
    used = x[:, :, :(oh - 1) * stride[0] + kh, :(ow - 1) * stride[1] + kw]
    win = view_windows(used, (oh, ow), dilation=stride)
    return np.tensordot(dy, win, [(0, 2, 3), (0, 2, 3)]) / (B * oh * ow)


def conv_b(dy, cache):
    x, kernel, stride = cache
    kh, kw = kernel.shape[2:]
    B, F, oh, ow = dy.shape
    dx = np.zeros_like(x)
    for a in range(kh):
        for b in range(kw):
            dx[:, :, a:a + stride[0] * oh:stride[0], b:b + stride[1] * ow:stride[1]] += np.einsum('nfij,fc->ncij', dy, kernel[:, :, a, b])
    return dx, weight_backward_f(dy, x, kernel, stride)


rng = np.random.default_rng(13)
SUBJECT = dict(forward=conv_f, backward=conv_b, params=dict(stride=(2, 1)),
               inputs=(rng.standard_normal((2, 3, 7, 5)), rng.standard_normal((2, 3, 3, 2))))
