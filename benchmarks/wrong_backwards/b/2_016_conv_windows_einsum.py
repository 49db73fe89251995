import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(x, weight, bias):
    """valid cross-correlation, stride 1"""
    kh, kw = weight.shape[2:]
    win = sliding_window_view(x, (kh, kw), axis=(2, 3))
    out = np.einsum('nchwij,fcij->nfhw', win, weight, optimize=True)
    out = out + bias.reshape(1, -1, 1, 1)
    return out, (win, weight)


def conv2d_backward(grad, cache):
    win, weight = cache
    kh, kw = weight.shape[2:]
    dweight = np.einsum('nfhw,nchwij->fcij', grad, win, optimize=True)
    dbias = np.einsum('nfhw->f', grad)
    # full correlation with the rotated kernel
    gp = np.pad(grad, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    gwin = sliding_window_view(gp, (kh, kw), axis=(2, 3))
    w_rot = weight[:, :, ::-1]
    dx = np.einsum('nfhwij,fcij->nchw', gwin, w_rot, optimize=True)
    return dx, dweight, dbias


rng = np.random.default_rng(11)
x = rng.standard_normal((2, 3, 6, 7))
weight = rng.standard_normal((4, 3, 3, 2))
bias = rng.standard_normal(4)
SUBJECT = dict(forward=conv2d, backward=conv2d_backward, inputs=(x, weight, bias), op="conv2d")
