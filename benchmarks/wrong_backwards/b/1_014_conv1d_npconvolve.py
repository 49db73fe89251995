import numpy as np


def conv1d(x, w, b):
    """x (N, C, L), w (F, C, K), valid cross-correlation"""
    N, F = len(x), len(w)
    y = np.zeros((N, F, x.shape[2] - w.shape[2] + 1))
    for n in range(N):
        for f in range(F):
            y[n, f] = sum(np.correlate(xc, wc, mode='valid') for xc, wc in zip(x[n], w[f])) + b[f]

    def pullback(g):
        dx = np.zeros_like(x)
        dw = np.zeros_like(w)
        for n in range(N):
            for f in range(F):
                for c in range(x.shape[1]):
                    dx[n, c] += np.convolve(g[n, f], w[f, c])
                    dw[f, c] += np.correlate(x[n, c], g[n, f], mode='valid')
        return dx, dw, g.sum(axis=-1).sum(axis=0)

    return y, pullback


def backward(grad, pullback):
    return pullback(grad)


rng = np.random.default_rng(109)
SUBJECT = dict(forward=conv1d, backward=backward,
               inputs=(rng.normal(size=(2, 3, 8)), rng.normal(size=(2, 3, 3)), rng.normal(size=2)))
