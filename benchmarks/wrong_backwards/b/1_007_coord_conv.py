import numpy as np


def add_coords(x):
    n, c, h, w = x.shape
    yy, xx = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing='ij')
    extra = np.broadcast_to(np.stack([yy, xx]), (n, 2, h, w))
    return np.concatenate([x, extra], axis=1)


class Layer:
    pass


def forward(x, w, b):
    ctx = Layer()
    ctx.z = add_coords(x)
    ctx.w = w
    ctx.c = x.shape[1]
    k = w.shape[2]
    ctx.oh, ctx.ow = x.shape[2] - k + 1, x.shape[3] - k + 1
    out = np.tile(b.reshape(1, -1, 1, 1), (x.shape[0], 1, ctx.oh, ctx.ow)).astype(float)
    for i in range(k):
        for j in range(k):
            out += np.einsum('nchw,fc->nfhw', ctx.z[:, :, i:i + ctx.oh, j:j + ctx.ow], w[:, :, i, j])
    return out, ctx


def backward(g, ctx):
    dw = np.zeros_like(ctx.w)
    dx = np.zeros_like(ctx.z[:, :ctx.c])
    for i in range(ctx.w.shape[2]):
        for j in range(ctx.w.shape[3]):
            z = ctx.z[:, :, i:i + ctx.oh, j:j + ctx.ow]
            dw[:, :, i, j] = np.tensordot(g, z, axes=([0, 2, 3], [0, 2, 3]))
            dx[:, :, i:i + ctx.oh, j:j + ctx.ow] += np.einsum('nfhw,fc->nchw', g, ctx.w[:, :ctx.c, i, j])
    return dx, dw, np.ravel(g.sum(axis=(0, 2, 3)))


rng = np.random.default_rng(116)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 2, 5, 4)), rng.normal(size=(3, 4, 2, 2)), rng.normal(size=3)))
