import numpy as np


def pool_cols(x, size, stride):
    N, C, H, W = x.shape
    oh, ow = (H - size) // stride + 1, (W - size) // stride + 1
    r = np.repeat(np.arange(size), size)[:, None] + stride * np.repeat(np.arange(oh), ow)[None]
    q = np.tile(np.arange(size), size)[:, None] + stride * np.tile(np.arange(ow), oh)[None]
    flat = x.reshape(N * C, H, W)
    cols = flat[:, r, q].transpose(1, 2, 0)              # size*size, oh*ow, N*C
    return cols.reshape(size * size, -1), (r, q, oh, ow)


def max_pool_forward(x, pool_param):
    size, stride = pool_param['size'], pool_param['stride']
    N, C, H, W = x.shape
    X_col, idx = pool_cols(x, size, stride)
    max_idx = np.argmax(X_col, axis=0)
    out = X_col[max_idx, np.arange(max_idx.size)]
    out = out.reshape(idx[2], idx[3], N, C).transpose(2, 3, 0, 1)
    return out, (x.shape, X_col.shape, max_idx, idx, size)


def max_pool_backward(dout, cache):
    (N, C, H, W), colshape, max_idx, (r, q, oh, ow), size = cache
    dX_col = np.zeros(colshape)
    dout_col = dout.ravel()
    dX_col[max_idx, np.arange(max_idx.size)] = dout_col
    dX = np.zeros((N * C, H, W))
    vals = dX_col.reshape(size * size, oh * ow, N * C).transpose(2, 0, 1)
    np.add.at(dX, (slice(None), r, q), vals)
    return dX.reshape(N, C, H, W)


x = np.random.default_rng(17).standard_normal((2, 3, 6, 6))
SUBJECT = dict(forward=max_pool_forward, backward=max_pool_backward, inputs=(x, {'size': 2, 'stride': 2}))
