import numpy as np


class Node:
    def __init__(self, value, parents=(), pull=None):
        self.value, self.parents, self.pull = value, parents, pull
        self.grad = np.zeros_like(value)


def mul_windows(x, w):                   # valid correlation of (N, L) with (K,)
    K = len(w.value)
    L = x.value.shape[1] - K + 1

    def pull(g):
        for k in range(K):
            x.grad[:, k:k + L] += g * w.value[k]
            w.grad[k] += (g * x.value[:, k:k + L]).sum()

    return Node(sum(x.value[:, k:k + L] * w.value[k] for k in range(K)), (x, w), pull)


def unary(a, fn, dfn):
    def pull(g):
        a.grad += g * dfn(a.value)
    return Node(fn(a.value), (a,), pull)


def add(a, b):
    def pull(g):
        a.grad += g
        b.grad += g
    return Node(a.value + b.value, (a, b), pull)


def order(node, seen):
    if id(node) not in seen:
        seen[id(node)] = node
        for p in node.parents:
            yield from order(p, seen)
        yield node


def forward(x, w):
    nx, nw = Node(x), Node(w)
    z = mul_windows(nx, nw)
    out = add(unary(z, np.sin, np.cos), unary(z, lambda v: v ** 2, lambda v: 2 * v))
    return out.value, (nx, nw, out)


def backward(g, tape):
    nx, nw, out = tape
    nodes = list(order(out, {}))
    for node in nodes:
        node.grad = np.zeros_like(node.value)
    out.grad = out.grad + g
    for node in reversed(nodes):
        if node.pull:
            node.pull(node.grad)
    return nx.grad, nw.grad


rng = np.random.default_rng(143)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(2, 6)), rng.normal(size=3)))
