import numpy as np


def one_hot(labels, depth):
    return np.eye(depth)[labels]


Y = one_hot([1, 0, 3, 3], 4)


def softmax_loss(W, X, b, reg):
    """Softmax regression; returns (loss, (dW, dX, db))."""
    N = X.shape[0]
    logits = X @ W + b
    logits -= logits.max(axis=1, keepdims=True)
    P = np.exp(logits)
    P /= P.sum(axis=1, keepdims=True)
    loss = -np.sum(Y * np.log(P)) / N + reg * np.sum(W * W)
    D = P - Y
    dW = X.T @ D + 2 * reg * W
    dX = D @ W.T / N
    db = D.sum(axis=0) / N
    return loss, (dW, dX, db)


def backward(dloss, grads):
    return tuple(dloss * g for g in grads)


rng = np.random.default_rng(0)
SUBJECT = dict(forward=softmax_loss, backward=backward,
               inputs=(rng.standard_normal((5, 4)), rng.standard_normal((4, 5)), rng.standard_normal(4)),
               params={'reg': 0.05})
