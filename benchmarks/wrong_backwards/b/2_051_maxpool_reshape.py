import numpy as np


def max_pool_forward_reshape(x, pool_param):
    N, C, H, W = x.shape
    p = pool_param['pool_height']
    assert p == pool_param['pool_width'] == pool_param['stride']
    x_reshaped = x.reshape(N, C, H // p, p, W // p, p)
    out = x_reshaped.max(axis=3).max(axis=4)
    cache = (x, x_reshaped, out)
    return out, cache


def max_pool_backward_reshape(dout, cache):
    x, x_reshaped, out = cache
    out_newaxis = out[:, :, :, np.newaxis, :, np.newaxis]
    mask = (x_reshaped == out_newaxis)
    dout_newaxis = dout[:, :, np.newaxis, :, np.newaxis, :]
    dout_broadcast, _ = np.broadcast_arrays(dout_newaxis, mask)
    dx_reshaped = np.zeros(mask.shape)
    dx_reshaped[mask] = dout_broadcast[mask]
    dx_reshaped /= np.sum(mask, axis=(3, 5), keepdims=True)
    dx = dx_reshaped.reshape(x.shape)
    return dx


x = np.random.default_rng(1).normal(size=(3, 2, 4, 4))
SUBJECT = dict(forward=max_pool_forward_reshape, backward=max_pool_backward_reshape,
               inputs=(x, {'pool_height': 2, 'pool_width': 2, 'stride': 2}))
