import numpy as np


class DepthwiseConv:
    """One kernel per channel, padding given as (rows, columns)."""

    def __init__(self, padding):
        self.ph, self.pw = padding

    def __call__(self, x, kernel, bias):
        self.x_pad = np.pad(x, ((0, 0), (0, 0), (self.ph, self.ph), (self.pw, self.pw)))
        self.in_shape = x.shape
        self.kernel = kernel
        kh, kw = kernel.shape[1:]
        oh = self.x_pad.shape[2] - kh + 1
        ow = self.x_pad.shape[3] - kw + 1
        out = np.zeros(x.shape[:2] + (oh, ow)) + bias[:, None, None]
        for i in range(kh):
            for j in range(kw):
                out += self.x_pad[:, :, i:i + oh, j:j + ow] * kernel[:, i, j][:, None, None]
        return out

    def grad(self, dout):
        kh, kw = self.kernel.shape[1:]
        oh, ow = dout.shape[2:]
        H, W = self.in_shape[2:]
        dk = np.zeros_like(self.kernel)
        dxp = np.zeros_like(self.x_pad)
        for i in range(kh):
            for j in range(kw):
                dk[:, i, j] = (self.x_pad[:, :, i:i + oh, j:j + ow] * dout).sum(axis=(0, 2, 3))
                dxp[:, :, i:i + oh, j:j + ow] += dout * self.kernel[:, i, j][:, None, None]
        dx = dxp[:, :, self.pw:self.pw + H, self.ph:self.ph + W]
        return dx, dk, dout.sum(axis=(0, 2, 3))


rng = np.random.default_rng(15)
dw = DepthwiseConv(padding=(1, 2))
SUBJECT = dict(forward=dw, backward=dw.grad,
               inputs=(rng.standard_normal((2, 3, 6, 4)), rng.standard_normal((3, 3, 5)), rng.standard_normal(3)))
