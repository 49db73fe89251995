import numpy as np


def gather(x, index):
    """out[n, k] = x[n, index[n, k]] followed by a square"""
    picked = np.take_along_axis(x, index, axis=1)
    return picked ** 2, (x.shape, picked, index)


def gather_backward(grad, cache):
    shape, picked, index = cache
    dpicked = 2 * picked * grad
    dx = np.zeros(shape)
    np.put_along_axis(dx, index, dpicked, axis=1)
    return dx, None


rng = np.random.default_rng(86)
x = rng.standard_normal((3, 6))
index = np.array([[0, 2, 2, 5],
                  [1, 1, 4, 1],
                  [3, 0, 5, 3]])
SUBJECT = dict(forward=gather, backward=gather_backward, inputs=(x, index), names=('x', 'index'))
