import numpy as np


class Dense1x1:
    def forward(self, x, W):
        self.x, self.W = x, W
        self.out = np.tanh(x @ W)
        return self.out

    def backward(self, dout):
        dz = dout * (1 - self.out)
        self.dW = np.einsum('nhwi,nhwo->io', self.out, dz)
        return dz @ self.W.T


class MaxPool2:
    def forward(self, x):
        N, H, W, C = x.shape
        self.win = x.reshape(N, H // 2, 2, W // 2, 2, C)
        self.out = self.win.max(axis=(2, 4))
        return self.out

    def backward(self, dout):
        mask = self.win == self.out[:, :, None, :, None, :]
        N, h, _, w, _, C = self.win.shape
        return (mask * dout[:, :, None, :, None, :]).reshape(N, 2 * h, 2 * w, C)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shape)


conv, pool, flat = Dense1x1(), MaxPool2(), Flatten()


def forward(x, W, V):
    h = flat.forward(pool.forward(conv.forward(x, W)))
    return h @ V, (h, V)


def backward(dout, cache):
    h, V = cache
    dx = conv.backward(pool.backward(flat.backward(dout @ V.T)))
    return dx, conv.dW, h.T @ dout


rng = np.random.default_rng(20)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 4, 6, 3)), rng.standard_normal((3, 3)), rng.standard_normal((18, 4))))
