import numpy as np


def conv_forward(x, w, b, conv_param=None):
    stride = conv_param.get('stride', 1)
    pad = conv_param.get('pad', 0)
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    Ho = (H + 2 * pad - HH) // stride + 1
    Wo = (W + 2 * pad - WW) // stride + 1
    out = np.zeros((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            patch = xp[:, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, conv_param)


def conv_backward(dout, cache):
    x, w, b, conv_param = cache
    stride = conv_param.get('stride', 1)
    pad = conv_param.get('pad', 0)
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    grads = {'b': dout.sum(axis=(0, 2, 3)), 'w': np.zeros_like(w)}
    dxp = np.zeros_like(xp)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + HH)
            cols = slice(j * stride, j * stride + WW)
            dxp[:, :, rows, cols] += np.einsum('nf,fckl->nckl', dout[:, :, i, j], w)
            grads['w'] += np.einsum('nf,nckl->fckl', dout[:, :, j, i], xp[:, :, rows, cols])
    grads['x'] = dxp[:, :, pad:H + pad, pad:W + pad]
    return grads


rng = np.random.default_rng(11)
x = rng.standard_normal((3, 2, 7, 7))
w = rng.standard_normal((3, 2, 3, 3))
b = rng.standard_normal(3)
SUBJECT = dict(forward=conv_forward, backward=conv_backward, inputs=(x, w, b),
               params={'conv_param': {'stride': 2, 'pad': 1}}, names=['x', 'w', 'b'])
