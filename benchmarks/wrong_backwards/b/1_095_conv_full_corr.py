import numpy as np


def correlate2d(img, ker):
    """valid cross-correlation of a single image with a single kernel"""
    kh, kw = ker.shape
    H, W = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    out = np.zeros((H, W))
    for i in range(H):
        for j in range(W):
            out[i, j] = (img[i:i + kh, j:j + kw] * ker).sum()
    return out


def correlate2d_full(img, ker):
    kh, kw = ker.shape
    return correlate2d(np.pad(img, ((kh - 1, kh - 1), (kw - 1, kw - 1))), ker)


class Convolutional:
    def __init__(self, kernels, biases):
        self.kernels = kernels
        self.biases = biases
        self.depth, self.input_depth = kernels.shape[:2]

    def forward(self, input):
        self.input = input
        self.output = np.copy(self.biases)
        for i in range(self.depth):
            for j in range(self.input_depth):
                self.output[i] += correlate2d(self.input[j], self.kernels[i, j])
        return self.output

    def backward(self, output_gradient):
        kernels_gradient = np.zeros(self.kernels.shape)
        input_gradient = np.zeros(self.input.shape)
        for i in range(self.depth):
            for j in range(self.input_depth):
                kernels_gradient[i, j] = correlate2d(self.input[j], output_gradient[i])
                input_gradient[j] += correlate2d_full(output_gradient[i], self.kernels[i, j])
        self.kernels_gradient = kernels_gradient
        self.biases_gradient = output_gradient
        return input_gradient


rng = np.random.default_rng(9)
net = Convolutional(rng.normal(size=(3, 2, 3, 3)), rng.normal(size=(3, 4, 4)))


def forward(x, k, b):
    net.kernels, net.biases = k, b
    return net.forward(x)


def backward(g):
    dx = net.backward(g)
    return dx, net.kernels_gradient, net.biases_gradient


SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.normal(size=(2, 6, 6)), net.kernels, net.biases))
