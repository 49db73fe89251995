import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(num_train), y]).sum()
    loss /= num_train
    loss += reg * np.sum(W * W)

    p[np.arange(num_train), y] -= 1
    dW = X.T.dot(p) / num_train
    dW += reg * W
    dX = p.dot(W.T) / num_train
    return loss, dW, dX


def forward(W, X, y, reg):
    loss, dW, dX = softmax_loss_vectorized(W, X, y, reg)
    return loss, (dW, dX)


def backward(dloss, cache):
    dW, dX = cache
    return dloss * dW, dloss * dX


rng = np.random.default_rng(2)
X = rng.normal(size=(4, 6))
W = rng.normal(size=(6, 3)) * 0.5
y = np.array([0, 2, 1, 2])
SUBJECT = dict(forward=forward, backward=backward, inputs=(W, X, y, 0.1))
