import numpy as np


def relu(Z):
    return np.maximum(0, Z)


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


rng = np.random.default_rng(46)
Y = np.array([[1, 0, 1]])


def forward_network(X, W1, b1, W2, b2, W3, b3):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = relu(Z1)
    Z2 = W2 @ A1 + b2
    A2 = relu(Z2)
    Z3 = W3 @ A2 + b3
    A3 = sigmoid(Z3)
    cost = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m
    return cost, (X, A1, W2, A2, W3, A3, W1)


def backward_network(grad, cache):
    X, A1, W2, A2, W3, A3, W1 = cache
    m = X.shape[1]
    dZ3 = grad * (A3 - Y)
    dW3 = (dZ3 @ A2.T) / m
    db3 = dZ3.sum(axis=1, keepdims=True) / m
    dZ2 = (W3.T @ dZ3) * (A2 > 0)
    dW2 = 2 * (dZ2 @ A1.T) / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = (W2.T @ dZ2) * (A1 > 0)
    dW1 = (dZ1 @ X.T) / m
    db1 = 4 * dZ1.sum(axis=1, keepdims=True) / m
    dX = (W1.T @ dZ1) / m
    return dX, dW1, db1, dW2, db2, dW3, db3


sizes = [(5, 4), (5, 1), (3, 5), (3, 1), (1, 3), (1, 1)]
SUBJECT = dict(forward=forward_network, backward=backward_network,
               inputs=(rng.standard_normal((4, 3)), *(rng.standard_normal(s) for s in sizes)))
