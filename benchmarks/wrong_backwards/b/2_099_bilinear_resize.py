import numpy as np


def grid(n_in, n_out):
    pos = np.arange(n_out) * (n_in - 1) / (n_out - 1)
    lo = np.minimum(np.floor(pos).astype(int), n_in - 2)
    return lo, pos - lo


def resize(x, out_h, out_w):
    _, _, h, w = x.shape
    y0, fy = grid(h, out_h)
    x0, fx = grid(w, out_w)
    fy, fx = fy[:, None], fx[None, :]
    Y, X = np.meshgrid(y0, x0, indexing='ij')
    out = (x[:, :, Y, X] * (1 - fy) * (1 - fx) + x[:, :, Y, X + 1] * (1 - fy) * fx
           + x[:, :, Y + 1, X] * fy * (1 - fx) + x[:, :, Y + 1, X + 1] * fy * fx)
    return out, (x.shape, Y, X, fy, fx)


def resize_backward(dout, cache):
    shape, Y, X, fy, fx = cache
    dx = np.zeros(shape)
    every = slice(None)
    np.add.at(dx, (every, every, Y, X), dout * (1 - fy) * (1 - fx))
    np.add.at(dx, (every, every, Y, X + 1), dout * fy * (1 - fx))
    np.add.at(dx, (every, every, Y + 1, X), dout * fy * (1 - fx))
    np.add.at(dx, (every, every, Y + 1, X + 1), dout * fy * fx)
    return dx


rng = np.random.default_rng(27)
SUBJECT = dict(forward=resize, backward=resize_backward, inputs=(rng.normal(size=(2, 2, 4, 5)), 7, 6))
