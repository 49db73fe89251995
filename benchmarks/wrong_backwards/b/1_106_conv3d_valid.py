import numpy as np
from itertools import product


def conv3d(v, w, stride=2):
    # v (N, C, D, H, W), w (F, C, k, k, k)
    k = w.shape[-1]
    dims = [(n - k) // stride + 1 for n in v.shape[2:]]
    y = np.zeros((v.shape[0], w.shape[0], *dims))
    for a, b, c in product(range(k), repeat=3):
        sub = v[:, :, a:a + stride * dims[0]:stride, b:b + stride * dims[1]:stride, c:c + stride * dims[2]:stride]
        y += np.einsum('ncdhw,fc->nfdhw', sub, w[:, :, a, b, c])
    return y, (v, w, stride)


def conv3d_backward(dy, cache):
    v, w, stride = cache
    k = w.shape[-1]
    D, H, W = dy.shape[2:]
    dv = np.zeros_like(v)
    dw = np.zeros_like(w)
    for a, b, c in product(range(k), repeat=3):
        sl = (slice(None), slice(None),
              slice(a, a + stride * D, stride),
              slice(b, b + stride * H, stride),
              slice(b, b + stride * W, stride))
        dw[:, :, a, b, c] = np.einsum('ncdhw,nfdhw->fc', v[sl], dy)
        dv[sl] += np.einsum('nfdhw,fc->ncdhw', dy, w[:, :, a, b, c])
    return dv, dw


rng = np.random.default_rng(19)
SUBJECT = dict(forward=conv3d, backward=conv3d_backward,
               inputs=(rng.normal(size=(2, 2, 5, 5, 5)), rng.normal(size=(3, 2, 3, 3, 3))), params={'stride': 2})
