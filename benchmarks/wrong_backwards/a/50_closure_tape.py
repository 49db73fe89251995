import numpy as np


class Tape:
    def __init__(self):
        self.vals, self.backs = [], []

    def add(self, value, back=None):
        self.vals.append(value)
        self.backs.append(back)
        return len(self.vals) - 1

    def matmul(self, a, b):
        va, vb = self.vals[a], self.vals[b]
        return self.add(va @ vb, lambda g: [(a, g @ vb.T), (b, va.T @ g)])

    def mul(self, a, b):
        va, vb = self.vals[a], self.vals[b]
        return self.add(va * vb, lambda g: [(a, g * vb), (b, g * va)])

    def plus(self, a, b):
        return self.add(self.vals[a] + self.vals[b], lambda g: [(a, g), (b, g)])

    def sigmoid(self, a):
        y = 1 / (1 + np.exp(-self.vals[a]))
        return self.add(y, lambda g: [(a, g * y * (1 - y))])


def forward(x, W, G):
    t = Tape()
    x, W, G = t.add(x), t.add(W), t.add(G)
    gate = t.sigmoid(t.matmul(x, G))
    out = t.plus(x, t.mul(gate, t.matmul(x, W)))
    return t.vals[out], t


def backward(grad, t):
    table = [np.zeros_like(v) for v in t.vals]
    table[-1] = table[-1] + grad
    for node in range(len(t.vals) - 1, -1, -1):
        if t.backs[node]:
            for parent, g in t.backs[node](table[node]):
                table[parent] = table[parent] + g
    return tuple(table[:3])


rng = np.random.default_rng(32)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((3, 4)), rng.standard_normal((4, 4)), rng.standard_normal((4, 4))))
