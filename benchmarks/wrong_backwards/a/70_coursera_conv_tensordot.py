import numpy as np


def conv_step(window, W, b):
    return np.tensordot(window, W, axes=([1, 2, 3], [0, 1, 2])) + b


def forward(A_prev, W, b, hparameters):
    p, s = hparameters['pad'], hparameters['stride']
    m, H, Wd, _ = A_prev.shape
    f = W.shape[0]
    A_pad = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H = (H + 2 * p - f) // s + 1
    n_W = (Wd + 2 * p - f) // s + 1
    Z = np.zeros((m, n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = conv_step(A_pad[:, h * s:h * s + f, w * s:w * s + f], W, b)
    return Z, {'A_pad': A_pad, 'W': W, 'hp': hparameters}


def backward(dZ, cache):
    A_pad, W, hp = cache['A_pad'], cache['W'], cache['hp']
    p, s = hp['pad'], hp['stride']
    f = W.shape[0]
    dA_pad = np.zeros_like(A_pad)
    dW = np.zeros_like(W)
    _, n_H, n_W, _ = dZ.shape
    for h in range(n_H):
        for w in range(n_W):
            g = dZ[:, h, w]
            dA_pad[:, h * s:h * s + f, w * s:w * s + f] += np.tensordot(g, W, axes=([1], [3]))
            dW += np.tensordot(A_pad[:, h * s:h * s + f, w * s:w * s + f], g, axes=([0], [0]))
    db = dZ.sum(axis=(0, 1, 2))
    dA_prev = dA_pad[:, 2 * p:, 2 * p:, :]
    return dA_prev, dW, db


rng = np.random.default_rng(8)
A_prev = rng.uniform(0, 1, (2, 6, 6, 2))
W = rng.normal(0, 0.4, (3, 3, 2, 5))
b = np.zeros(5)
SUBJECT = dict(forward=forward, backward=backward, inputs=(A_prev, W, b, dict(pad=1, stride=1)), op="conv2d")
