import numpy as np


def windows(img, k):
    """All k x k windows of a (H, W, C) image, one per row."""
    H, W, _ = img.shape
    return np.array([img[i:i + k, j:j + k].reshape(-1) for i in range(H - k + 1) for j in range(W - k + 1)])


class Conv2D:
    """Stride 1 convolution, channels last, 'same' padding."""

    def __init__(self, k):
        self.k = k
        self.p = k // 2

    def _pad(self, x):
        p = self.p
        return np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))

    def forward(self, x, weights):
        self.x_shape = x.shape
        self.weights = weights
        col_w = weights.reshape(-1, weights.shape[3])
        self.cols = [windows(img, self.k) for img in self._pad(x)]
        out = np.stack([c @ col_w for c in self.cols])
        return out.reshape(x.shape[0], x.shape[1], x.shape[2], -1)

    def backward(self, eta):
        n, h, w, c_out = eta.shape
        c_in = self.x_shape[3]
        flat = eta.reshape(n, h * w, c_out)
        dw = sum(c.T @ g for c, g in zip(self.cols, flat)).reshape(self.weights.shape)
        flipped = np.flipud(np.fliplr(self.weights))
        col_flip = flipped.reshape(-1, c_in)
        dx = np.stack([windows(img, self.k) @ col_flip for img in self._pad(eta)])
        return dx.reshape(self.x_shape), dw


rng = np.random.default_rng(10)
conv = Conv2D(3)
SUBJECT = dict(forward=conv.forward, backward=conv.backward,
               inputs=(rng.standard_normal((2, 5, 4, 3)), rng.standard_normal((3, 3, 3, 3)) * 0.3))
