import numpy as np

C = np.sqrt(2 / np.pi)


def gelu(x):
    inner = C * (x + 0.044715 * x ** 3)
    t = np.tanh(inner)
    return 0.5 * x * (1 + t), (x, t)


def gelu_grad(dout, cache):
    x, t = cache
    sech2 = 1 - t ** 2
    dinner = C * (1 + 0.044715 * x ** 2)
    return dout * (0.5 * (1 + t) + 0.5 * x * sech2 * dinner)


def mlp_forward(x, W1, b1, W2):
    h = x @ W1 + b1
    a, cache = gelu(h)
    return a @ W2, (x, W1, W2, a, cache)


def mlp_backward(dout, cache):
    x, W1, W2, a, gcache = cache
    dW2 = a.T @ dout
    dh = gelu_grad(dout @ W2.T, gcache)
    return dh @ W1.T, x.T @ dh, dh.sum(axis=0), dW2


rng = np.random.default_rng(59)
SUBJECT = dict(forward=mlp_forward, backward=mlp_backward,
               inputs=(rng.normal(size=(3, 4)), rng.normal(size=(4, 6)), rng.normal(size=6), rng.normal(size=(6, 2))))
