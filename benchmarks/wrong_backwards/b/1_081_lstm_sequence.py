import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def step_forward(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f, o = (sigmoid(a[:, k * H:(k + 1) * H]) for k in range(3))
    g = np.tanh(a[:, 3 * H:])
    c_next = f * c + i * g
    h_next = o * np.tanh(c_next)
    return h_next, c_next, (x, h, c, i, f, o, g, c_next)


def lstm_forward(x, h0, Wx, Wh, b):
    h, c = h0, np.zeros_like(h0)
    hs, caches = [], []
    for t in range(x.shape[1]):
        h, c, cache = step_forward(x[:, t], h, c, Wx, Wh, b)
        hs.append(h)
        caches.append(cache)
    return np.stack(hs, axis=1), (caches, Wx, Wh)


def lstm_backward(dh, cache):
    caches, Wx, Wh = cache
    N, T, H = dh.shape
    dx = np.zeros((N, T, Wx.shape[0]))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(4 * H)
    dprev_h, dprev_c = np.zeros((N, H)), np.zeros((N, H))
    for t in reversed(range(T)):
        x, h, c, i, f, o, g, c_next = caches[t]
        dht = dh[:, t] + dprev_h
        tc = np.tanh(c_next)
        dc = dprev_c + dht * o * (1 - tc ** 2)
        da = np.concatenate([dc * g * i * (1 - i), dc * c_next * f * (1 - f),
                             dht * tc * o * (1 - o), dc * i * (1 - g ** 2)], axis=1)
        dx[:, t] = da @ Wx.T
        dWx += x.T @ da
        dWh += h.T @ da
        db += da.sum(axis=0)
        dprev_h = da @ Wh.T
        dprev_c = dc * f
    return dx, dprev_h, dWx, dWh, db


rng = np.random.default_rng(62)
N, T, D, H = 2, 4, 3, 3
SUBJECT = dict(forward=lstm_forward, backward=lstm_backward,
               inputs=(rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), rng.normal(size=(D, 4 * H)),
                       rng.normal(size=(H, 4 * H)), rng.normal(size=4 * H)))
