import numpy as np


class ConvNHWC:
    def __init__(self, stride, padding):
        self.stride, self.padding = stride, padding

    def _slices(self):
        s, (kh, kw) = self.stride, self.w.shape[:2]
        for i in range(self.out_shape[1]):
            for j in range(self.out_shape[2]):
                yield i, j, (slice(None), slice(i * s, i * s + kh), slice(j * s, j * s + kw))

    def forward(self, img, w, b):
        p, s = self.padding, self.stride
        self.w, self.shape = w, img.shape
        self.xp = np.pad(img, [(0, 0), (p, p), (p, p), (0, 0)])
        oh = (self.xp.shape[1] - w.shape[0]) // s + 1
        ow = (self.xp.shape[2] - w.shape[1]) // s + 1
        self.out_shape = (len(img), oh, ow, w.shape[3])
        y = np.empty(self.out_shape)
        for i, j, sl in self._slices():
            y[:, i, j] = self.xp[sl].reshape(len(img), -1) @ w.reshape(-1, w.shape[3])
        return y + b

    def gradients(self, dy):
        dw, dxp = np.zeros_like(self.w), np.zeros_like(self.xp)
        for i, j, sl in self._slices():
            dw += np.einsum('nijc,no->ijco', self.xp[sl], dy[:, i, j])
            dxp[sl] += np.einsum('no,ijco->nijc', dy[:, i, j], self.w)
        p = self.padding
        return dw, dy.sum(axis=(0, 1, 2)), dxp[:, p:p + self.shape[1], p:p + self.shape[2]]


conv = ConvNHWC(stride=2, padding=1)


def backward(dy):
    dw, db, dimg = conv.gradients(dy)
    return dict(w=dw, b=db, img=dimg)


rng = np.random.default_rng(66)
SUBJECT = dict(forward=conv.forward, backward=backward, names=('img', 'w', 'b'),
               inputs=(rng.standard_normal((2, 5, 7, 3)), rng.standard_normal((3, 3, 3, 4)), rng.standard_normal(4)))
