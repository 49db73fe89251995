import numpy as np


class Value:
    def __init__(self, data, children=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self._prev = children
        self._backward = lambda: None

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def __sub__(self, other):
        out = Value(self.data - other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def tanh(self):
        out = Value(np.tanh(self.data), (self,))
        def _backward():
            self.grad += (1 - out.data ** 2) * out.grad
        out._backward = _backward
        return out

    def backward(self, seed):
        order, seen = [], set()
        def build(v):
            if id(v) not in seen:
                seen.add(id(v))
                for child in v._prev:
                    build(child)
                order.append(v)
        build(self)
        self.grad = np.array(seed, dtype=float)
        for v in reversed(order):
            v._backward()


def forward(a, b, c):
    leaves = [Value(t) for t in (a, b, c)]
    va, vb, vc = leaves
    diff = va * vb - vc
    out = (diff * diff).tanh() - va
    return out.data, (out, leaves)


def backward(grad, cache):
    out, leaves = cache
    out.backward(grad)
    return [v.grad for v in leaves]


rng = np.random.default_rng(58)
SUBJECT = dict(forward=forward, backward=backward, inputs=tuple(rng.standard_normal((3, 4)) * 0.7 for _ in range(3)))
