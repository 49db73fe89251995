import numpy as np


class Pointwise:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        self.x = x
        return np.tensordot(x, self.w, axes=(1, 1)).transpose(0, 3, 1, 2)

    def backward(self, g):
        self.dw = np.tensordot(g, self.x, axes=((0, 2, 3), (0, 2, 3)))
        return np.tensordot(g, self.w, axes=(1, 0)).transpose(0, 3, 1, 2)


class LeakyReLU:
    def forward(self, x):
        self.slope = np.where(x > 0, 1.0, 0.1)
        return x * self.slope

    def backward(self, g):
        return g * self.slope


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, g):
        return g.reshape(self.shape)


class Dense(Pointwise):
    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, g):
        self.dw = self.x.T @ g
        return g @ self.w.T


layers = [Pointwise(None), LeakyReLU(), Flatten(), Dense(None)]


def forward(x, w1, w2):
    layers[0].w, layers[3].w = w1, w2
    for layer in layers:
        x = layer.forward(x)
    return x


def backward(g):
    for layer in reversed(layers):
        g = layer.backward(g)
    return g, layers[0].dw, layers[-1].dw


rng = np.random.default_rng(138)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 3, 3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(24, 3))))
