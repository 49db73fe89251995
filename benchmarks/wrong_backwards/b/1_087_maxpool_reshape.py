import numpy as np


def max_pool_forward_reshape(x, pool_param):
    N, C, H, W = x.shape
    ph, pw = pool_param['pool_height'], pool_param['pool_width']
    assert ph == pw == pool_param['stride']
    x_reshaped = x.reshape(N, C, H // ph, ph, W // pw, pw)
    out = x_reshaped.max(axis=3).max(axis=4)
    cache = (x, x_reshaped, out)
    return out, cache


def max_pool_backward_reshape(dout, cache):
    x, x_reshaped, out = cache
    dx_reshaped = np.zeros_like(x_reshaped)
    out_newaxis = out[:, :, :, np.newaxis, :, np.newaxis]
    mask = x_reshaped == out_newaxis
    dout_newaxis = dout[:, :, np.newaxis, :, np.newaxis, :]
    dout_broadcast, _ = np.broadcast_arrays(dout_newaxis, dx_reshaped)
    dx_reshaped[mask] = dout_broadcast[mask]
    dx_reshaped /= np.sum(mask, axis=(3, 5), keepdims=True)
    dx = dx_reshaped.reshape(x.shape)
    return dx


rng = np.random.default_rng(27)
x = rng.normal(size=(3, 2, 4, 4))
SUBJECT = dict(forward=max_pool_forward_reshape, backward=max_pool_backward_reshape,
               inputs=(x, {'pool_height': 2, 'pool_width': 2, 'stride': 2}))
