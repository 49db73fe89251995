import numpy as np


def get_im2col_indices(x_shape, fh, fw, padding, stride):
    N, C, H, W = x_shape
    oh = (H + 2 * padding - fh) // stride + 1
    ow = (W + 2 * padding - fw) // stride + 1
    i0 = np.tile(np.repeat(np.arange(fh), fw), C)
    i1 = stride * np.repeat(np.arange(oh), ow)
    j0 = np.tile(np.arange(fw), fh * C)
    j1 = stride * np.tile(np.arange(ow), oh)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), fh * fw).reshape(-1, 1)
    return k, i, j


def conv_forward_im2col(x, w, b, conv_param):
    p, s = conv_param['pad'], conv_param['stride']
    F, C, fh, fw = w.shape
    N, _, H, W = x.shape
    k, i, j = get_im2col_indices(x.shape, fh, fw, p, s)
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    x_cols = xp[:, k, i, j].transpose(1, 2, 0).reshape(fh * fw * C, -1)
    res = w.reshape(F, -1) @ x_cols + b.reshape(-1, 1)
    oh, ow = (H + 2 * p - fh) // s + 1, (W + 2 * p - fw) // s + 1
    out = res.reshape(F, oh, ow, N).transpose(3, 0, 1, 2)
    return out, (x, w, b, conv_param, x_cols)


def conv_backward_im2col(dout, cache):
    x, w, b, conv_param, x_cols = cache
    p, s = conv_param['pad'], conv_param['stride']
    F, C, fh, fw = w.shape
    N, _, H, W = x.shape
    db = np.sum(dout, axis=(0, 2, 3))
    dout_r = dout.reshape(F, -1)
    dw = (dout_r @ x_cols.T).reshape(w.shape)
    dx_cols = w.reshape(F, -1).T @ dout_r
    k, i, j = get_im2col_indices(x.shape, fh, fw, p, s)
    dxp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    np.add.at(dxp, (slice(None), k, i, j), dx_cols.reshape(C * fh * fw, -1, N).transpose(2, 0, 1))
    dx = dxp[:, :, p:H + p, p:W + p]
    return dx, dw, db


rng = np.random.default_rng(14)
x = rng.standard_normal((2, 3, 6, 4))
w = 0.1 * rng.standard_normal((3, 3, 3, 3))
b = rng.standard_normal(3)
SUBJECT = dict(forward=conv_forward_im2col, backward=conv_backward_im2col,
               inputs=(x, w, b, {'pad': 1, 'stride': 1}))
