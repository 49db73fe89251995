import numpy as np

PERM = (0, 1, 3, 2, 4, 5)
INVERSE = tuple(np.argsort(PERM))


def stem(x, W, block=2):
    n, h, w, c = x.shape
    t = x.reshape(n, h // block, block, w // block, block, c).transpose(PERM)
    t = t.reshape(n, h // block, w // block, -1)
    return t @ W, (t, W, block)


def stem_backward(g, cache):
    t, W, block = cache
    n, h, w, cc = t.shape
    dW = t.reshape(-1, cc).T @ g.reshape(-1, g.shape[-1])
    dt = g @ W.T
    dx = dt.reshape(n, h, w, block, block, -1).transpose(INVERSE)
    return dx.reshape(n, h * block, w * block, -1), dW


rng = np.random.default_rng(122)
SUBJECT = dict(forward=stem, backward=stem_backward,
               inputs=(rng.normal(size=(2, 4, 6, 3)), rng.normal(size=(12, 5))))
