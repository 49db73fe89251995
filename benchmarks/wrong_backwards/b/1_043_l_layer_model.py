import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def L_model_forward(X, W1, b1, W2, b2):
    """X (n_x, m); W1 (n_h, n_x); W2 (n_y, n_h)"""
    Z1 = np.dot(W1, X) + b1
    A1 = sigmoid(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    caches = {"linear": [(X, W1, b1), (A1, W2, b2)], "activation": [Z1, Z2]}
    return A2, caches


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = np.dot(dZ, A_prev.T)
    db = np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W, dZ)
    return dA_prev, dW, db


def sigmoid_backward(dA, Z):
    s = sigmoid(Z)
    return dA * s * (1 - s)


def L_model_backward(dAL, caches):
    grads = {"A2": dAL}
    for l in reversed(range(2)):
        dZ = sigmoid_backward(grads["A%d" % (l + 1)], caches["activation"][-1])
        dA, dW, db = linear_backward(dZ, caches["linear"][l])
        grads["A%d" % l] = dA
        grads["W%d" % (l + 1)], grads["b%d" % (l + 1)] = dW, db
    grads["X"] = grads["A0"]
    return grads


rng = np.random.default_rng(55)
SUBJECT = dict(forward=L_model_forward, backward=L_model_backward,
               inputs=(rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(4, 1)),
                       rng.normal(size=(4, 4)), rng.normal(size=(4, 1))))
