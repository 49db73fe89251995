import numpy as np


class Conv:
    """NHWC input, HWIO weight, odd kernel, 'same' padding, stride 1."""

    def __init__(self, kernel_size):
        self.k = kernel_size
        self.p = (kernel_size - 1) // 2

    def __call__(self, X, weight, bias):
        p, k = self.p, self.k
        N, H, W, C = X.shape
        self.X_pad = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        self.weight = weight
        out = np.zeros((N, H, W, weight.shape[3]))
        for i in range(k):
            for j in range(k):
                out += self.X_pad[:, i:i + H, j:j + W, :] @ weight[i, j]
        return out + bias

    def grad(self, dout):
        p, k = self.p, self.k
        N, H, W, _ = dout.shape
        dX = np.zeros_like(self.X_pad)
        self.dweight = np.zeros_like(self.weight)
        for i in range(k):
            for j in range(k):
                dX[:, i:i + H, j:j + W, :] += dout @ self.weight[i, j]
                self.dweight[i, j] = np.einsum('nhwi,nhwo->io', self.X_pad[:, i:i + H, j:j + W, :], dout)
        self.dbias = dout.sum((0, 1, 2))
        return dX[:, p:p + H, p:p + W, :], self.dweight, self.dbias


rng = np.random.default_rng(30)
layer = Conv(3)
SUBJECT = dict(forward=layer.__call__, backward=layer.grad,
               inputs=(rng.standard_normal((2, 5, 6, 4)), rng.standard_normal((3, 3, 4, 4)), rng.standard_normal(4)))
