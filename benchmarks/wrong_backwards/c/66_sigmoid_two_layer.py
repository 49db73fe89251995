import numpy as np


class Sigmoid:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, grad):
        return self.x * (1 - self.x) * grad


class Linear:
    def forward(self, x, W):
        self.x, self.W = x, W
        return x @ W

    def backward(self, grad):
        self.dW = self.x.T @ grad
        return grad @ self.W.T


first, act, second = Linear(), Sigmoid(), Linear()


def forward(x, W1, W2):
    return second.forward(act.forward(first.forward(x, W1)), W2)


def backward(grad):
    dx = first.backward(act.backward(second.backward(grad)))
    return dx, first.dW, second.dW


rng = np.random.default_rng(62)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((3, 4)), rng.standard_normal((4, 5)), rng.standard_normal((5, 2))))
