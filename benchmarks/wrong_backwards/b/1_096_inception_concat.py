import numpy as np


def conv(x, w):
    p = w.shape[2] // 2
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    return sum(np.einsum('nchw,fc->nfhw', xp[:, :, i:i + H, j:j + W], w[:, :, i, j])
               for i, j in np.ndindex(w.shape[2:]))


def conv_grad(g, x, w):
    p = w.shape[2] // 2
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i, j in np.ndindex(w.shape[2:]):
        dw[:, :, i, j] = np.einsum('nfhw,nchw->fc', g, xp[:, :, i:i + H, j:j + W])
        dxp[:, :, i:i + H, j:j + W] += np.einsum('nfhw,fc->nchw', g, w[:, :, i, j])
    return dxp[:, :, p:p + H, p:p + W], dw


def inception(x, w1, w3, w5):
    branches = {'1x1': w1, '3x3': w3, '5x5': w5}
    outs = {name: conv(x, w) for name, w in branches.items()}
    return np.concatenate(list(outs.values()), axis=1), (x, branches)


def inception_backward(g, cache):
    x, branches = cache
    cuts = np.cumsum([len(w) for w in branches.values()])[:-1]
    dx, dws = np.zeros_like(x), []
    for part, w in zip(np.split(g, cuts, axis=1), branches.values()):
        d, dw = conv_grad(part, x, w)
        dx += d
        dws.append(dw)
    return [dx] + dws


rng = np.random.default_rng(141)
SUBJECT = dict(forward=inception, backward=inception_backward,
               inputs=(rng.normal(size=(2, 2, 4, 5)), rng.normal(size=(2, 2, 1, 1)), rng.normal(size=(3, 2, 3, 3)),
                       rng.normal(size=(1, 2, 5, 5))))
