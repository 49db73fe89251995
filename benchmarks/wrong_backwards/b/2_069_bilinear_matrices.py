import numpy as np


def interp_matrix(n_in, n_out):
    A = np.zeros((n_out, n_in))
    centre = (np.arange(n_out) + 0.5) * n_in / n_out - 0.5
    lo = np.floor(centre).astype(int)
    frac = centre - lo
    for r, (l, f) in enumerate(zip(lo, frac)):
        A[r, min(max(l, 0), n_in - 1)] += 1 - f
        A[r, min(max(l + 1, 0), n_in - 1)] += f
    return A


class Resize:
    def __init__(self, out_hw):
        self.out_hw = out_hw

    def forward(self, x):
        self.Ay = interp_matrix(x.shape[2], self.out_hw[0])
        self.Ax = interp_matrix(x.shape[3], self.out_hw[1])
        return self.Ay @ x @ self.Ax.T

    def backward(self, d):
        return self.Ay.T @ d @ self.Ax


layer = Resize((7, 5))
SUBJECT = dict(forward=layer.forward, backward=layer.backward,
               inputs=(np.random.default_rng(116).normal(size=(2, 2, 4, 3)),))
