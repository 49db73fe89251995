import numpy as np


def grid(n_in, n_out):
    pos = np.linspace(0, n_in - 1, n_out)
    lo = np.minimum(np.floor(pos).astype(int), n_in - 2)
    return lo, pos - lo


def resize_forward(img, size):
    y0, fy = grid(img.shape[1], size[0])
    x0, fx = grid(img.shape[2], size[1])
    fy, fx = fy[:, None, None], fx[None, :, None]
    Y, X = np.meshgrid(y0, x0, indexing='ij')
    top = img[:, Y, X] * (1 - fx) + img[:, Y, X + 1] * fx
    bot = img[:, Y + 1, X] * (1 - fx) + img[:, Y + 1, X + 1] * fx
    return top * (1 - fy) + bot * fy, (img.shape, Y, X, fy, fx)


def resize_backward(dout, cache):
    shape, Y, X, fy, fx = cache
    dimg = np.zeros(shape)
    batch = np.arange(shape[0])[:, None, None]
    np.add.at(dimg, (batch, Y, X), dout * (1 - fy) * (1 - fx))
    np.add.at(dimg, (batch, Y, X + 1), dout * fy * (1 - fx))
    np.add.at(dimg, (batch, Y + 1, X), dout * (1 - fy) * fx)
    np.add.at(dimg, (batch, Y + 1, X + 1), dout * fy * fx)
    return dimg


rng = np.random.default_rng(71)
SUBJECT = dict(forward=resize_forward, backward=resize_backward, inputs=(rng.standard_normal((2, 4, 3, 2)),),
               params={'size': (6, 7)})
