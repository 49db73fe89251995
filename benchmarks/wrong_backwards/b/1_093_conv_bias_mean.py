import numpy as np


class Conv2D:
    def __init__(self, pad, stride):
        self.pad, self.stride = pad, stride
        self.params, self.grads = {}, {}

    def forward(self, X, W, b):
        self.params = {'W': W, 'b': b}
        p, s = self.pad, self.stride
        self.Xp = Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)), 'constant')
        N, H, Wd, C = Xp.shape
        k, _, _, F = W.shape
        oh, ow = (H - k) // s + 1, (Wd - k) // s + 1
        Z = np.zeros((N, oh, ow, F))
        for r in range(oh):
            for c in range(ow):
                region = Xp[:, r * s:r * s + k, c * s:c * s + k, :]
                Z[:, r, c, :] = np.tensordot(region, W, axes=([1, 2, 3], [0, 1, 2]))
        return Z + b

    def backward(self, dZ):
        W = self.params['W']
        p, s, k = self.pad, self.stride, W.shape[0]
        dXp = np.zeros(self.Xp.shape)
        dW = np.zeros(W.shape)
        for r in range(dZ.shape[1]):
            for c in range(dZ.shape[2]):
                region = self.Xp[:, r * s:r * s + k, c * s:c * s + k, :]
                d = dZ[:, r, c, :]
                dW += np.tensordot(region, d, axes=([0], [0]))
                dXp[:, r * s:r * s + k, c * s:c * s + k, :] += np.tensordot(d, W, axes=([1], [3]))
        self.grads['W'] = dW
        self.grads['b'] = dZ.mean(axis=0).sum(axis=(0, 1))
        self.grads['X'] = dXp[:, p:dXp.shape[1] - p, p:dXp.shape[2] - p, :]
        return self.grads


conv = Conv2D(pad=1, stride=2)
rng = np.random.default_rng(16)
X = rng.uniform(0, 1, (3, 6, 7, 2))
W = rng.normal(0, 0.2, (3, 3, 2, 5))
b = rng.normal(0, 0.2, (5,))
SUBJECT = dict(forward=conv.forward, backward=conv.backward, inputs=(X, W, b))
