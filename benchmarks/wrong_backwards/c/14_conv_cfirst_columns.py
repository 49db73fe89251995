import numpy as np


def to_columns(x, kh, kw):
    """(N, C, H, W) -> (N*OH*OW, C*kh*kw)"""
    n, c, h, w = x.shape
    view = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    oh, ow = view.shape[2:4]
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw), oh, ow


def conv2d(x, w):
    """x: (N, C, H, W), w: (kh, kw, C, F) -> (N, F, OH, OW)"""
    kh, kw, c, f = w.shape
    cols, oh, ow = to_columns(x, kh, kw)
    w_mat = w.transpose(2, 0, 1, 3).reshape(-1, f)
    y = (cols @ w_mat).reshape(x.shape[0], oh, ow, f).transpose(0, 3, 1, 2)
    return y, (x.shape, w.shape, cols, w_mat)


def conv2d_bw(dy, cache):
    x_shape, w_shape, cols, w_mat = cache
    kh, kw, c, f = w_shape
    n, _, oh, ow = dy.shape
    d_y = dy.transpose(0, 2, 3, 1).reshape(-1, f)
    dw_mat = cols.T @ d_y
    dw = dw_mat.reshape(kh, kw, c, f)
    d_cols = (d_y @ w_mat.T).reshape(n, oh, ow, c, kh, kw)
    dx = np.zeros(x_shape)
    for i in range(kh):
        for j in range(kw):
            dx[:, :, i:i + oh, j:j + ow] += d_cols[..., i, j].transpose(0, 3, 1, 2)
    return dx, dw


rng = np.random.default_rng(11)
SUBJECT = dict(forward=conv2d, backward=conv2d_bw,
               inputs=(rng.standard_normal((2, 3, 5, 5)), rng.standard_normal((2, 3, 3, 4))), op='conv2d')
