import numpy as np


def svm_loss(x, y):
    """x (N, C) scores, y (N,) labels; returns loss and dx"""
    N = x.shape[0]
    correct = x[np.arange(N), y][:, np.newaxis]
    margins = np.maximum(0, x - correct + 1.0)
    loss = (np.sum(margins) - N) / N
    hot = (margins > 0).astype(float)
    num_pos = np.sum(hot, axis=1)
    hot[np.arange(N), y] = 0
    dx = hot
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


labels = np.array([1, 0, 3, 2])


def forward(scores):
    loss, dx = svm_loss(scores, labels)
    return loss, dx


def backward(dout, dx):
    return dout * dx


rng = np.random.default_rng(36)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(4, 4)) * 1.5,))
