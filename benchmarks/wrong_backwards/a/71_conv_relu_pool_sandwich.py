import numpy as np


def conv_forward(x, w, b, conv_param):
    s, p = conv_param['stride'], conv_param['pad']
    N, C, H, W = x.shape
    F, _, h, k = w.shape
    xp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    xp[:, :, p:p + H, p:p + W] = x
    Ho, Wo = (H + 2 * p - h) // s + 1, (W + 2 * p - k) // s + 1
    out = np.zeros((N, F, Ho, Wo))
    for i, j in np.ndindex(Ho, Wo):
        out[:, :, i, j] = np.einsum('nchk,fchk->nf', xp[:, :, i * s:i * s + h, j * s:j * s + k], w) + b
    return out, (xp, w, s, p)


def conv_backward(dout, cache):
    xp, w, s, p = cache
    h, k = w.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i, j in np.ndindex(*dout.shape[2:]):
        g = dout[:, :, i, j]
        dxp[:, :, i * s:i * s + h, j * s:j * s + k] += np.einsum('nf,fchk->nchk', g, w)
        dw += np.einsum('nf,nchk->fchk', g, xp[:, :, i * s:i * s + h, j * s:j * s + k])
    return dxp[:, :, p:-p, p:-p] if p else dxp, dw, dout.sum((0, 2, 3))


def pool_forward(x, pool_param):
    q = pool_param['pool_size']
    N, C, H, W = x.shape
    win = x.reshape(N, C, H // q, q, W // q, q).swapaxes(3, 4).reshape(N, C, H // q, W // q, q * q)
    return win.max(-1), (win.argmax(-1), x.shape, q)


def pool_backward(dout, cache):
    arg, (N, C, H, W), q = cache
    flat = np.zeros(dout.shape + (q * q,))
    np.put_along_axis(flat, arg[..., None], dout[..., None], axis=-1)
    return flat.reshape(N, C, H // q, W // q, q, q).swapaxes(3, 4).reshape(N, C, H, W)


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    a, cc = conv_forward(x, w, b, conv_param)
    out, pc = pool_forward(np.maximum(a, 0), pool_param)
    return out, (cc, a, pc)


def conv_relu_pool_backward(dout, cache):
    cc, a, pc = cache
    return conv_backward(pool_backward(dout, pc) * (a > 0), cc)


rng = np.random.default_rng(2)
SUBJECT = dict(forward=conv_relu_pool_forward, backward=conv_relu_pool_backward,
               inputs=(rng.standard_normal((2, 3, 4, 6)), rng.standard_normal((3, 3, 3, 3)), rng.standard_normal(3),
                       {'stride': 1, 'pad': 1}, {'pool_size': 2}))
