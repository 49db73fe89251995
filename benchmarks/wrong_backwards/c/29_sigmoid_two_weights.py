import numpy as np


def logistic(x):
    return 1.0 / (1 + np.exp(-x))


def slope(x):
    return x * (1.0 - x)


class TwoWeightNet:
    def __init__(self, y):
        self.y = y

    def predict_loss(self, x, w_in, w_out):
        self.input, self.w_in, self.w_out = x, w_in, w_out
        self.layer1 = logistic(np.dot(self.input, self.w_in))
        self.output = logistic(np.dot(self.layer1, self.w_out))
        return np.sum((self.y - self.output) ** 2)

    def gradients(self, grad):
        delta = grad * -2 * (self.y - self.output) * slope(self.output)
        d_w_out = np.dot(self.layer1.T, delta)
        hidden = np.dot(delta, self.w_out.T) * slope(self.layer1)
        d_w_in = np.dot(self.input.T, hidden)
        return np.dot(hidden, self.w_in.T), d_w_in, d_w_out


rng = np.random.default_rng(74)
nn = TwoWeightNet(np.array([[0], [1], [1], [0]]))
SUBJECT = dict(forward=nn.predict_loss, backward=nn.gradients,
               inputs=(rng.standard_normal((4, 3)), rng.standard_normal((3, 4)), rng.standard_normal((4, 1))))
