import numpy as np


class Rectifier:
    def f(self, x):
        np.maximum(x, 0.0, out=x)

    def g(self, grad, y):
        """Turn the gradient of the output into that of the input, in place."""
        for r in range(y.shape[0]):
            for i in range(y.shape[1]):
                grad[r, i] = 1.0 if y[r, i] > 0 else 0.0


class Identity:
    def f(self, x):
        pass

    def g(self, grad, y):
        pass


class Network:
    def __init__(self, activations):
        self.activations = activations

    def propagate(self, x, *weights):
        self.weights = weights
        self.outputs = [x]
        for W, act in zip(weights, self.activations):
            y = self.outputs[-1] @ W
            act.f(y)
            self.outputs.append(y)
        return self.outputs[-1].copy()

    def backpropagate(self, error):
        grad = np.array(error)
        grads = []
        for l in range(len(self.weights) - 1, -1, -1):
            self.activations[l].g(grad, self.outputs[l + 1])
            grads.insert(0, self.outputs[l].T @ grad)
            grad = grad @ self.weights[l].T
        return (grad, *grads)


rng = np.random.default_rng(31)
net = Network([Rectifier(), Rectifier(), Identity()])
SUBJECT = dict(forward=net.propagate, backward=net.backpropagate,
               inputs=(rng.standard_normal((4, 5)), rng.standard_normal((5, 6)), rng.standard_normal((6, 4)), rng.standard_normal((4, 2))))
