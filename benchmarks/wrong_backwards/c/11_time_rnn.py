import numpy as np


class RNNStep:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(h_prev @ Wh + x @ Wx + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next ** 2)
        self.grads[2][...] = dt.sum(axis=0)
        self.grads[1][...] = h_prev.T @ dt
        self.grads[0][...] = x.T @ dt
        return dt @ Wx.T, dt @ Wh.T


class TimeRNN:
    def forward(self, xs, h0, Wx, Wh, b):
        self.layers, hs, h = [], [], h0
        for t in range(xs.shape[1]):
            step = RNNStep(Wx, Wh, b)
            h = step.forward(xs[:, t], h)
            hs.append(h)
            self.layers.append(step)
        return np.stack(hs, axis=1)

    def backward(self, dhs):
        dh, totals, dxs = 0, [0, 0, 0], []
        for t, step in reversed(list(enumerate(self.layers))):
            dx, dh = step.backward(dhs[:, t] + dh)
            dxs.insert(0, dx)
            totals = [a + g for a, g in zip(totals, step.grads)]
        return (np.stack(dxs, axis=1), dh, *totals)


rng = np.random.default_rng(71)
rnn = TimeRNN()
SUBJECT = dict(forward=rnn.forward, backward=rnn.backward,
               inputs=(rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 5)), rng.standard_normal((3, 5)) * 0.5,
                       rng.standard_normal((5, 5)) * 0.4, rng.standard_normal(5)))
