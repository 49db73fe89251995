import numpy as np

C = np.sqrt(2 / np.pi)


def gelu(u):
    t = np.tanh(C * (u + 0.044715 * u ** 3))
    return 0.5 * u * (1 + t), t


def mlp_forward(x, w1, b1, w2, b2):
    u = x @ w1 + b1
    a, t = gelu(u)
    return a @ w2 + b2, (x, w1, w2, u, a, t)


def mlp_backward(dout, cache):
    x, w1, w2, u, a, t = cache
    lead = tuple(range(dout.ndim - 1))
    db2 = dout.sum(axis=lead)
    dw2 = np.tensordot(a, dout, (lead, lead))
    da = dout @ w2.T
    dt = (1 - t ** 2) * C
    du = da * (0.5 * (1 + t) + 0.5 * u * dt)
    return du @ w1.T, np.tensordot(x, du, (lead, lead)), du.sum(axis=lead), dw2, db2


rng = np.random.default_rng(93)
SUBJECT = dict(forward=mlp_forward, backward=mlp_backward,
               inputs=(rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 6)), np.zeros(6),
                       rng.standard_normal((6, 4)), np.zeros(4)))
