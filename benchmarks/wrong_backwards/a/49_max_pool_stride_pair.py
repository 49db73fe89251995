import numpy as np


def maxpool_nhwc(x, pool_param):
    (kh, kw), (sh, sw) = pool_param['size'], pool_param['strides']
    N, H, W, C = x.shape
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    out = np.zeros((N, oh, ow, C))
    for i in range(oh):
        for j in range(ow):
            out[:, i, j, :] = np.max(x[:, i * sh:i * sh + kh, j * sw:j * sw + kw, :], axis=(1, 2))
    return out, (x, out, pool_param)


def maxpool_nhwc_backward(dout, cache):
    x, out, pool_param = cache
    (kh, kw), (sh, sw) = pool_param['size'], pool_param['strides']
    dx = np.zeros_like(x)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            y0, x0 = i * sh, j * sh
            patch = x[:, y0:y0 + kh, x0:x0 + kw, :]
            mask = patch == np.max(patch, axis=(1, 2), keepdims=True)
            dx[:, y0:y0 + kh, x0:x0 + kw, :] += mask * dout[:, i:i + 1, j:j + 1, :]
    return dx


x = np.random.default_rng(61).standard_normal((2, 5, 8, 3))
SUBJECT = dict(forward=maxpool_nhwc, backward=maxpool_nhwc_backward, inputs=(x,),
               params={'pool_param': {'size': (2, 3), 'strides': (1, 2)}})
