import numpy as np


def forward(x, u, v):
    """filter f, channel c: kernel = outer(u[f, c], v[f, c]); done as a vertical and a horizontal pass"""
    kh, kw = u.shape[-1], v.shape[-1]
    H, W = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    vert = sum(u[None, :, :, i, None, None] * x[:, None, :, i:i + H, :] for i in range(kh))   # (N, F, C, H, Win)
    out = sum(v[None, :, :, j, None, None] * vert[..., j:j + W] for j in range(kw)).sum(axis=2)
    return out, (x, u, v, vert)


def backward(g, cache):
    x, u, v, vert = cache
    kh, kw = u.shape[-1], v.shape[-1]
    H, W = g.shape[2:]
    ge = np.broadcast_to(g[:, :, None], vert.shape[:3] + (H, W))
    du, dv = np.zeros_like(u), np.zeros_like(v)
    dvert = np.zeros_like(vert)
    for j in range(kw):
        dv[..., j] = (ge * vert[..., j:j + W]).sum(axis=(0, 3, 4))
        dvert[..., j:j + W] += ge * v[None, :, :, j, None, None]
    dx = np.zeros_like(x)
    for i in range(kh):
        du[..., i] = np.einsum('nfchw,nchw->fc', dvert, x[:, :, i:i + H])
        dx[:, :, i:i + H] += np.einsum('nfchw,fc->nchw', dvert, u[..., i])
    return dx, du, dv


rng = np.random.default_rng(113)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 2, 5, 6)), rng.normal(size=(3, 2, 3)), rng.normal(size=(3, 2, 2))))
