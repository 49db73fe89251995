import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """returns next_h and next_c stacked along the features"""
    H = prev_h.shape[1]
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i, f, o = sig(a[:, :H]), sig(a[:, H:2 * H]), sig(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    tc = np.tanh(next_c)
    next_h = o * tc
    cache = (x, prev_h, prev_c, Wx, Wh, i, f, o, g, tc)
    return np.hstack([next_h, next_c]), cache


def lstm_step_backward(dhc, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tc = cache
    H = prev_h.shape[1]
    dnext_h, dnext_c = dhc[:, :H], dhc[:, H:]
    do = dnext_h * tc
    dc = dnext_c + dnext_h * o * (1 - tc ** 2)
    df = dc * prev_c
    di = dc * g
    dg = dc * i
    dprev_c = dc
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)])
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    return dx, dprev_h, dprev_c, x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)


rng = np.random.default_rng(66)
N, D, H = 3, 4, 3
SUBJECT = dict(forward=lstm_step_forward, backward=lstm_step_backward, inputs=(
    rng.normal(size=(N, D)), rng.normal(size=(N, H)), rng.normal(size=(N, H)),
    rng.normal(size=(D, 4 * H)) * .5, rng.normal(size=(H, 4 * H)) * .5, rng.normal(size=4 * H) * .1))
