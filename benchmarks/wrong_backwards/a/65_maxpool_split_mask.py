import numpy as np


def max_pool_forward_reshape(x, pool_param):
    N, C, H, W = x.shape
    ph, pw = pool_param['pool_height'], pool_param['pool_width']
    assert pool_param['stride'] == ph == pw
    xr = x.reshape(N, C, H // ph, ph, W // pw, pw)
    out = xr.max(axis=3).max(axis=4)
    return out, (x, xr, out)


def max_pool_backward_reshape(dout, cache):
    x, xr, out = cache
    dxr = np.zeros_like(xr)
    out_newaxis = out[:, :, :, np.newaxis, :, np.newaxis]
    mask = xr == out_newaxis
    dout_newaxis = dout[:, :, :, np.newaxis, :, np.newaxis]
    dout_b, _ = np.broadcast_arrays(dout_newaxis, dxr)
    dxr[mask] = dout_b[mask]
    dxr /= np.sum(mask, axis=(3, 5), keepdims=True)
    return dxr.reshape(x.shape)


x = np.random.default_rng(50).standard_normal((3, 2, 6, 4))
SUBJECT = dict(forward=max_pool_forward_reshape, backward=max_pool_backward_reshape, inputs=(x,),
               params={'pool_param': {'pool_height': 2, 'pool_width': 2, 'stride': 2}})
