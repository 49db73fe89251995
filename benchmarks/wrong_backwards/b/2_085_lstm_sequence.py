import numpy as np


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def lstm_forward(x, h0, Wx, Wh, b):
    H = h0.shape[1]
    h, c = h0, np.zeros_like(h0)
    steps, out = [], []
    for t in range(x.shape[1]):
        a = x[:, t] @ Wx + h @ Wh + b
        i, f, o = np.split(sigmoid(a[:, :3 * H]), 3, axis=1)
        g = np.tanh(a[:, 3 * H:])
        c_new = f * c + i * g
        steps.append(dict(h=h, c=c, i=i, f=f, o=o, g=g, tc=np.tanh(c_new)))
        h, c = o * steps[-1]['tc'], c_new
        out.append(h)
    return np.stack(out, axis=1), (x, Wx, Wh, steps)


def lstm_backward(dh_all, cache):
    x, Wx, Wh, steps = cache
    dx, dWx, dWh, db = np.empty_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wx.shape[1])
    dh = np.zeros_like(steps[0]['h'])
    dc = np.zeros_like(dh)
    for t, s in reversed(list(enumerate(steps))):
        dh = dh + dh_all[:, t]
        dc = dc + dh * s['o'] * (1 - s['tc'] ** 2)
        da = np.concatenate([dc * s['g'] * s['i'] * (1 - s['i']), dc * s['c'] * s['f'] * (1 - s['f']),
                             dh * s['tc'] * s['o'] * (1 - s['o']), dc * s['i'] * (1 - s['g'] ** 2)], axis=1)
        dx[:, t] = da @ Wx.T
        dWx += x[:, t].T @ da
        dWh += s['h'].T @ da
        db += da.sum(0)
        dh, dc = da @ Wh.T, dc * s['f']
    return dx, dh, dWx, dWh, db


rng = np.random.default_rng(139)
SUBJECT = dict(forward=lstm_forward, backward=lstm_backward, inputs=(
    rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 4)), rng.normal(size=(3, 16)) * .4,
    rng.normal(size=(4, 16)) * .4, rng.normal(size=16) * .1))
