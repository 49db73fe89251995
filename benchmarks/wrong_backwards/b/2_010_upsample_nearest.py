import numpy as np


class Upsample:
    def __init__(self, scale):
        self.scale = scale

    def forward(self, x):
        return np.kron(x, np.ones((1, 1, self.scale, self.scale)))

    def backward(self, dout):
        s = self.scale
        return dout[:, :, ::s, ::s].copy()


class Mix:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.einsum('nchw,cf->nfhw', x, w)

    def backward(self, dout):
        return np.einsum('nfhw,cf->nchw', dout, self.w), np.einsum('nchw,nfhw->cf', self.x, dout)


up, mix = Upsample(2), Mix()


def forward(x, w):
    return mix.forward(up.forward(x), w)


def backward(dout):
    dmid, dw = mix.backward(dout)
    return up.backward(dmid), dw


rng = np.random.default_rng(16)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(3, 2))))
