import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    N = len(X)
    S = X @ W
    M = S - S[np.arange(N), y].reshape(-1, 1) + 1
    M[np.arange(N), y] = 0
    loss = M.clip(min=0).sum() / N + 0.5 * reg * (W ** 2).sum()
    B = (M > 0).astype(X.dtype)
    B[np.arange(N), y] = -B.sum(axis=1)
    return loss, B.T.dot(X).T / N + reg * W, B.dot(W.T) / N


def forward(X, W, y, reg):
    loss, dW, dX = svm_loss_vectorized(W, X, y, reg)
    return loss, {'dW': dW, 'dX': dX}


def backward(g, cache):
    return cache['dX'] * g, cache['dW'] * g, None, None


rng = np.random.default_rng(67)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((4, 6)), 0.3 * rng.standard_normal((6, 3)), np.array([0, 2, 2, 1]), 1))
