import numpy as np


def max_unpool1d(x, indices, length):
    """Put x[n, c, t] at position indices[n, c, t]; a later value replaces an earlier one."""
    N, C, T = x.shape
    out = np.zeros((N, C, length))
    for n in range(N):
        for c in range(C):
            for t in range(T):
                out[n, c, indices[n, c, t]] = x[n, c, t]
    return out, indices


def max_unpool1d_backward(grad, indices):
    N, C, T = indices.shape
    dx = np.zeros((N, C, T))
    for n in range(N):
        for c in range(C):
            dx[n, c] = grad[n, c][indices[n, c]]
    return dx


rng = np.random.default_rng(21)
x = rng.standard_normal((2, 2, 5))
indices = np.array([[[1, 1, 4, 6, 6], [0, 3, 3, 5, 8]],
                    [[2, 4, 4, 4, 7], [1, 2, 5, 7, 8]]])
SUBJECT = dict(forward=max_unpool1d, backward=max_unpool1d_backward, inputs=(x, indices, 9))
