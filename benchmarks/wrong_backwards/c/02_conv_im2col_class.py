import numpy as np


def im2col(x, fh, fw, stride, pad):
    N, C, H, W = x.shape
    oh = (H + 2 * pad - fh) // stride + 1
    ow = (W + 2 * pad - fw) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.empty((N, C, fh, fw, oh, ow))
    for i in range(fh):
        for j in range(fw):
            col[:, :, i, j] = img[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * oh * ow, -1)


def col2im(col, shape, fh, fw, stride, pad):
    N, C, H, W = shape
    oh = (H + 2 * pad - fh) // stride + 1
    ow = (W + 2 * pad - fw) // stride + 1
    col = col.reshape(N, oh, ow, C, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    canvas = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(fh):
        rows = slice(i, i + stride * oh, stride)
        for j in range(fw):
            canvas[:, :, rows, slice(j, j + stride * ow, stride)] = col[:, :, i, j]
    return canvas[:, :, pad:H + pad, pad:W + pad]


class Convolution:
    def __init__(self, stride=1, pad=0):
        self.stride, self.pad = stride, pad

    def forward(self, x, W, b):
        FN, C, FH, FW = W.shape
        N, _, H, Wd = x.shape
        oh = (H + 2 * self.pad - FH) // self.stride + 1
        ow = (Wd + 2 * self.pad - FW) // self.stride + 1
        self.col = im2col(x, FH, FW, self.stride, self.pad)
        self.col_W = W.reshape(FN, -1).T
        self.x_shape, self.w_shape = x.shape, W.shape
        out = self.col @ self.col_W + b
        return out.reshape(N, oh, ow, FN).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.w_shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = dout.sum(axis=0)
        self.dW = (self.col.T @ dout).T.reshape(FN, C, FH, FW)
        dcol = dout @ self.col_W.T
        dx = col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad)
        return dx, self.dW, self.db


rng = np.random.default_rng(2)
layer = Convolution(stride=1, pad=1)
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((4, 3, 3, 3)) * 0.2, rng.standard_normal(4)))
