import numpy as np


class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self.prev = data, 0.0, children
        self._backward = lambda: None

    def __add__(self, o):
        out = Value(self.data + o.data, (self, o))

        def _backward():
            self.grad += out.grad
            o.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, o):
        out = Value(self.data * o.data, (self, o))

        def _backward():
            self.grad = o.data * out.grad
            o.grad += self.data * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = np.tanh(self.data)
        out = Value(t, (self,))

        def _backward():
            self.grad += (1 - t * t) * out.grad
        out._backward = _backward
        return out


def topo(root, seen, order):
    if root not in seen:
        seen.add(root)
        for c in root.prev:
            topo(c, seen, order)
        order.append(root)
    return order


def forward(a, b):
    va, vb = Value(a), Value(b)
    hidden = (va * vb + va).tanh()
    out = hidden * hidden.tanh() + va * va.tanh()
    return out.data, (va, vb, out)


def backward(grad, cache):
    va, vb, out = cache
    out.grad = grad
    for node in reversed(topo(out, set(), [])):
        node._backward()
    return va.grad, vb.grad


rng = np.random.default_rng(92)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(2, 3)), rng.normal(size=(2, 3))))
