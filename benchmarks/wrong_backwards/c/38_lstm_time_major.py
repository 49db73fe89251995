import numpy as np


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


class LSTM:
    """(T, N, D) -> (T, N, H) with one matrix for the four gates (i, f, o, g)."""

    def forward(self, x, Wx, Wh, b):
        T, N, _ = x.shape
        H = Wh.shape[0]
        self.x, self.Wx, self.Wh = x, Wx, Wh
        self.hs, self.cs = [np.zeros((N, H))], [np.zeros((N, H))]
        self.gates = []
        for t in range(T):
            a = x[t] @ Wx + self.hs[-1] @ Wh + b
            i, f, o = (sigmoid(a[:, k * H:(k + 1) * H]) for k in range(3))
            g = np.tanh(a[:, 3 * H:])
            self.gates.append((i, f, o, g))
            self.cs.append(f * self.cs[-1] + i * g)
            self.hs.append(o * np.tanh(self.cs[-1]))
        return np.stack(self.hs[1:])

    def backward(self, dout):
        T, N, H = dout.shape
        dx = np.empty_like(self.x)
        dWx, dWh, db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros(4 * H)
        dh = np.zeros((N, H))
        dc = np.zeros((N, H))
        for t in range(T - 1, -1, -1):
            i, f, o, g = self.gates[t]
            tanh_c = np.tanh(self.cs[t + 1])
            dh = dh + dout[t]
            do = dh * tanh_c
            dc = dh * o * (1 - tanh_c ** 2)
            da = np.hstack([dc * g * i * (1 - i), dc * self.cs[t] * f * (1 - f),
                            do * o * (1 - o), dc * i * (1 - g ** 2)])
            dx[t] = da @ self.Wx.T
            dWx += self.x[t].T @ da
            dWh += self.hs[t].T @ da
            db += da.sum(axis=0)
            dh = da @ self.Wh.T
            dc = dc * f
        return dx, dWx, dWh, db


rng = np.random.default_rng(38)
lstm = LSTM()
SUBJECT = dict(forward=lstm.forward, backward=lstm.backward,
               inputs=(rng.standard_normal((4, 2, 3)), rng.standard_normal((3, 12)) * 0.5,
                       rng.standard_normal((3, 12)) * 0.5, rng.standard_normal(12)))
