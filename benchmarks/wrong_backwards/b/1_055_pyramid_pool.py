import numpy as np


def levels(x, n):
    """mean over 1, 4, 16 ... cells, recursively halving"""
    pooled = x.mean(axis=(2, 3))
    if n == 0:
        return [pooled]
    h, w = x.shape[2] // 2, x.shape[3] // 2
    out = [pooled]
    for part in (x[:, :, :h, :w], x[:, :, :h, w:], x[:, :, h:, :w], x[:, :, h:, w:]):
        out += levels(part, n - 1)
    return out


def forward(x):
    feats = levels(x, 2)
    return np.concatenate(feats, axis=1), x.shape


def scatter(dx, chunks, n):
    dx += next(chunks)[:, :, None, None] / (dx.shape[2] * dx.shape[3])
    if n:
        h, w = dx.shape[2] // 2, dx.shape[3] // 2
        for part in (dx[:, :, :h, :w], dx[:, :, :h, w:], dx[:, :, h:, :w], dx[:, :, h:, w:]):
            scatter(part, chunks, n - 1)


def backward(grad, shape):
    dx = np.zeros(shape)
    C = shape[1]
    chunks = (grad[:, k:k + C] for k in range(0, grad.shape[1], C))
    scatter(dx, chunks, 2)
    return dx


SUBJECT = dict(forward=forward, backward=backward, inputs=(np.random.default_rng(123).normal(size=(2, 2, 8, 5)),))
