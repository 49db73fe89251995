import numpy as np


class RNN:
    """Elman network: h = tanh(U x + W h + b), y = V h + c at every step."""

    def forward(self, xs, U, W, V, b, c):
        self.xs, self.U, self.W, self.V = xs, U, W, V
        h = np.zeros(W.shape[0])
        self.hs = [h]
        ys = []
        for x in xs:
            h = np.tanh(U @ x + W @ h + b)
            self.hs.append(h)
            ys.append(V @ h + c)
        return np.stack(ys)

    def backward(self, grad):
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        db = np.zeros(self.W.shape[0])
        dc = np.zeros(self.V.shape[0])
        dxs = np.zeros_like(self.xs)
        dhnext = np.zeros_like(db)
        for t in reversed(range(len(self.xs))):
            dy = grad[t]
            dV += np.outer(dy, self.hs[t + 1])
            dc += dc
            dh = self.V.T @ dy + dhnext
            dhrec = (1 - self.hs[t + 1] ** 2) * dh
            db += dhrec
            dU += np.outer(dhrec, self.xs[t])
            dW += np.outer(dhrec, self.hs[t])
            dxs[t] = self.U.T @ dhrec
            dhnext = self.W.T @ dhrec
        return dict(xs=dxs, U=dU, W=dW, V=dV, b=db, c=dc)


rng = np.random.default_rng(39)
net = RNN()
SUBJECT = dict(forward=net.forward, backward=net.backward, names=('xs', 'U', 'W', 'V', 'b', 'c'),
               inputs=(rng.standard_normal((5, 3)), rng.standard_normal((4, 3)), rng.standard_normal((4, 4)) * 0.5,
                       rng.standard_normal((2, 4)), rng.standard_normal(4), rng.standard_normal(2)))
