import numpy as np


def svm_loss_naive(W, X, y, reg):
    num_train, num_classes = X.shape[0], W.shape[1]
    dW = np.zeros_like(W)
    loss = 0.0
    for i in range(num_train):
        scores = X[i] @ W
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += reg * W
    return loss, dW


rng = np.random.default_rng(45)
X = rng.standard_normal((6, 5))
y = np.array([0, 2, 1, 2, 0, 1])


def forward(W):
    return svm_loss_naive(W, X, y, reg=0.3)


def backward(grad, dW):
    return grad * dW


SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.standard_normal((5, 3)),))
