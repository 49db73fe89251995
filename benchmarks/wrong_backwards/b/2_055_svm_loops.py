import numpy as np

rng = np.random.default_rng(131)
X = rng.normal(size=(4, 5))
y = np.array([2, 0, 1, 2])


def svm_loss_naive(W, reg):
    dW = np.zeros(W.shape)
    num_classes, num_train = W.shape[1], X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss = loss / num_train + 0.5 * reg * np.sum(W ** 2)
    dW = dW / num_train + reg * W
    return loss, dW


def forward(W, reg):
    return svm_loss_naive(W, reg)


def backward(dout, dW):
    return dout * dW


SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(5, 3)), 0.05))
