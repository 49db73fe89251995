import numpy as np


def to_blocks(x, ph, pw):
    N, C, H, W = x.shape
    b = x.reshape(N, C, H // ph, ph, W // pw, pw).transpose(0, 1, 2, 4, 3, 5)
    return b.reshape(N, C, H // ph, W // pw, ph * pw)


def from_blocks(b, ph, pw):
    N, C, h, w, _ = b.shape
    x = b.reshape(N, C, h, w, ph, pw).transpose(0, 1, 2, 4, 3, 5)
    return x.reshape(N, C, h * ph, w * pw)


def maxpool(x, pool_param):
    ph, pw = pool_param['pool_height'], pool_param['pool_width']
    blocks = to_blocks(x, ph, pw)
    choice = np.eye(ph * pw)[blocks.argmax(axis=-1)]
    y = np.einsum('...k,...k->...', blocks, choice)
    return y, (choice, ph, pw)


def maxpool_back(dy, cache):
    choice, ph, pw = cache
    return from_blocks(choice * dy[..., None], ph, pw)


x = np.random.default_rng(213).normal(size=(3, 2, 6, 8))
SUBJECT = dict(forward=maxpool, backward=maxpool_back, inputs=(x, dict(pool_height=3, pool_width=2)))
