import numpy as np


class MaxPool:
    """Max pooling of one image (height, width, kernels) with square blocks."""

    def __init__(self, size):
        self.size = size

    def patches(self, image):
        s = self.size
        for h in range(image.shape[0] // s):
            for w in range(image.shape[1] // s):
                yield image[h * s:(h + 1) * s, w * s:(w + 1) * s], h, w

    def run(self, image):
        self.image = image
        H, W, K = image.shape
        out = np.zeros((H // self.size, W // self.size, K))
        for patch, h, w in self.patches(image):
            out[h, w] = np.amax(patch, axis=(0, 1))
        return out

    def run_back(self, grad_out):
        s = self.size
        grad_in = np.zeros(self.image.shape)
        for patch, h, w in self.patches(self.image):
            top = np.amax(patch, axis=(0, 1))
            for a, b, k in np.argwhere(patch == top):
                grad_in[h * s + a, w * s + b, k] = grad_out[h, w, k]
            return grad_in


rng = np.random.default_rng(4)
pool = MaxPool(2)
SUBJECT = dict(forward=pool.run, backward=pool.run_back, inputs=(rng.standard_normal((6, 8, 3)),))
