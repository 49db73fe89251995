import numpy as np


class Conv:
    """valid convolution, NCHW, stride 1"""

    def forward(self, x, w):
        self.x, self.w = x, w
        k = w.shape[2]
        h, wd = x.shape[2] - k + 1, x.shape[3] - k + 1
        out = np.zeros((x.shape[0], w.shape[0], h, wd))
        for i in range(k):
            for j in range(k):
                out += np.einsum('nchw,fc->nfhw', x[:, :, i:i + h, j:j + wd], w[:, :, i, j])
        return out

    def backward(self, g):
        k = self.w.shape[2]
        h, wd = g.shape[2:]
        dx = np.zeros_like(self.x)
        self.dw = np.zeros_like(self.w)
        for i in range(k):
            for j in range(k):
                dx[:, :, i:i + h, j:j + wd] += np.einsum('nfhw,fc->nchw', g, self.w[:, :, i, j])
                self.dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', g, self.x[:, :, i:i + h, j:j + wd])
        return dx


class Softplus:
    def forward(self, z):
        self.z = z
        return np.log1p(np.exp(z))

    def backward(self, g):
        s = self.z
        np.negative(s, out=s)
        return g / (1 + np.exp(s))


class Square:
    def forward(self, z):
        self.z = z
        return 0.5 * z ** 2

    def backward(self, g):
        return g * self.z


conv, square, soft = Conv(), Square(), Softplus()


def forward(x, w):
    z = conv.forward(x, w)
    return square.forward(z) + soft.forward(z)


def backward(g):
    dz = soft.backward(g) + square.backward(g)
    dx = conv.backward(dz)
    return dx, conv.dw


rng = np.random.default_rng(57)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 2, 5, 5)), rng.normal(size=(3, 2, 2, 2))))
