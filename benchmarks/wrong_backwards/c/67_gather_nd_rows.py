import numpy as np


def gather_nd(data, indices):
    """indices: (k, n); column j names one entry (or sub-array) of data."""
    return data[tuple(indices)], (data.shape, indices)


def scatter_nd(values, indices, shape):
    out = np.zeros(shape)
    for j in range(indices.shape[1]):
        out[tuple(indices[:, j])] = values[j]
    return out


def gather_nd_backward(grad, cache):
    shape, indices = cache
    return scatter_nd(grad, indices, shape)


rng = np.random.default_rng(63)
data = rng.standard_normal((3, 4, 2))
indices = np.array([[1, 1, 0, 2, 1],
                    [1, 1, 0, 3, 2]])
SUBJECT = dict(forward=gather_nd, backward=gather_nd_backward, inputs=(data, indices))
