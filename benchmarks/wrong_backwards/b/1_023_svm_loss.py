import numpy as np


def svm_loss_vectorized(X, W, y, reg):
    num_train = X.shape[0]
    rows = np.arange(num_train)
    scores = X.dot(W)
    correct = scores[rows, y][:, np.newaxis]
    margins = np.maximum(0, scores - correct + 1.0)
    margins[rows, y] = 0
    loss = margins.sum() / num_train + reg * np.sum(W * W)

    coeff = (margins > 0).astype(float)
    coeff[rows, y] = -1
    coeff /= num_train
    dW = X.T.dot(coeff) + 2 * reg * W
    dX = coeff.dot(W.T)
    return loss, (dX, dW)


def backward(g, cache):
    dX, dW = cache
    return g * dX, g * dW


rng = np.random.default_rng(64)
X = rng.normal(size=(4, 5))
W = 0.3 * rng.normal(size=(5, 4))
y = np.array([3, 0, 0, 2])
SUBJECT = dict(forward=svm_loss_vectorized, backward=backward, inputs=(X, W, y, 0.05))
