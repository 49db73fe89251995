import numpy as np


class ConvTranspose2d:
    """weight has shape (in_channels, out_channels, k, k), no padding"""

    def __init__(self, stride):
        self.stride = stride

    def forward(self, x, weight, bias):
        s = self.stride
        n, c_in, h, w = x.shape
        _, c_out, k, _ = weight.shape
        out = np.zeros((n, c_out, (h - 1) * s + k, (w - 1) * s + k))
        for i in range(h):
            for j in range(w):
                block = np.einsum('nc,cokl->nokl', x[:, :, i, j], weight)
                out[:, :, i * s:i * s + k, j * s:j * s + k] += block
        self.x, self.weight = x, weight
        return out + bias[None, :, None, None]

    def backward(self, grad):
        s, x, weight = self.stride, self.x, self.weight
        n, c_in, h, w = x.shape
        k = weight.shape[-1]
        dx = np.zeros(x.shape)
        dweight = np.zeros(weight.shape)
        for i in range(h):
            for j in range(w):
                g = grad[:, :, i * s:i * s + k, j * s:j * s + k]
                dx[:, :, i, j] = np.einsum('nokl,cokl->nc', g, weight[:, :, ::-1, ::-1])
                dweight += np.einsum('nc,nokl->cokl', x[:, :, i, j], g)
        dbias = grad.sum(axis=(0, 2, 3))
        return dx, dweight, dbias


rng = np.random.default_rng(5)
layer = ConvTranspose2d(stride=2)
x = rng.normal(size=(2, 3, 3, 4))
weight = rng.normal(size=(3, 2, 3, 3))
bias = rng.normal(size=2)

SUBJECT = dict(forward=layer.forward, backward=layer.backward, inputs=(x, weight, bias))
