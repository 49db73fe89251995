import numpy as np


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h ** 2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev, caches = h0, []
    for t in range(T):
        nxt = np.tanh(x[:, t] @ Wx + prev @ Wh + b)
        caches.append((x[:, t], prev, Wx, Wh, nxt))
        h[:, t] = nxt
        prev = nxt
    return h, caches


def rnn_backward(dh, caches):
    N, T, H = dh.shape
    x0, _, Wx, Wh, _ = caches[0]
    dx = np.zeros((N, T, x0.shape[1]))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        dnext = dh[:, t]
        dx[:, t], dprev, dwx_t, dwh_t, db_t = rnn_step_backward(dnext, caches[t])
        dWx += dwx_t
        dWh += dwh_t
        db += db_t
    dh0 = dprev
    return dx, dh0, dWx, dWh, db


rng = np.random.default_rng(64)
SUBJECT = dict(forward=rnn_forward, backward=rnn_backward, inputs=(
    rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 5)), rng.normal(size=(3, 5)) * .4,
    rng.normal(size=(5, 5)) * .4, rng.normal(size=5) * .1))
