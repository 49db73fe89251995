import numpy as np


def pool3d(x, k):
    N, C, D, H, W = x.shape
    od, oh, ow = D // k, H // k, W // k
    blocks = x[:, :, :od * k, :oh * k, :ow * k].reshape(N, C, od, k, oh, k, ow, k)
    blocks = blocks.transpose(0, 1, 2, 4, 6, 3, 5, 7).reshape(N, C, od, oh, ow, k ** 3)
    best = blocks.argmax(axis=-1)
    out = np.take_along_axis(blocks, best[..., None], axis=-1)[..., 0]
    return out, (x.shape, k, best)


def scatter_frame(dx, grad, best, k, t, oheight, owidth):
    """Hand the gradients of one output frame t to the winners."""
    g = grad[:, :, t, :oheight, :owidth]
    win = best[:, :, t, :oheight, :owidth]
    for n, c, i, j in np.ndindex(*g.shape):
        a, b, e = np.unravel_index(win[n, c, i, j], (k, k, k))
        dx[n, c, t * k + a, i * k + b, j * k + e] += g[n, c, i, j]


def pool3d_backward(grad, cache):
    shape, k, best = cache
    dx = np.zeros(shape)
    _, _, otime, oheight, owidth = grad.shape
    for t in range(otime):
        scatter_frame(dx, grad, best, k, t, owidth, oheight)
    return dx


rng = np.random.default_rng(19)
SUBJECT = dict(forward=pool3d, backward=pool3d_backward, inputs=(rng.standard_normal((2, 2, 4, 4, 8)), 2))
