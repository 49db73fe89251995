import numpy as np

rng = np.random.default_rng(58)
y = np.array([2, 0, 1, 2])


def softmax_loss(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    N = scores.shape[0]
    loss = -np.log(p[np.arange(N), y]).mean()
    dscores = p.copy()
    dscores[np.arange(N), y] -= 1
    return loss, dscores


def conv_loss(x, w, b):
    k = w.shape[2]
    win = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    z = np.einsum('nchwij,fcij->nfhw', win, w) + b[None, :, None, None]
    a = np.where(z > 0, z, 0)
    scores = a.mean(axis=(2, 3))
    loss, dscores = softmax_loss(scores, y)

    grads = {}
    area = a.shape[2] * a.shape[3]
    dz = np.where(z > 0, dscores[:, :, None, None] / area, 0)
    grads['w'] = np.einsum('nchwij,nfhw->fcij', win, dz)
    grads['b'] = dz.sum(axis=(0, 2, 3))
    dx = np.zeros_like(x)
    for (i, j) in np.ndindex(k, k):
        dx[:, :, i:i + z.shape[2], j:j + z.shape[3]] += np.einsum('nfhw,fc->nchw', dz, w[:, :, i, j])
    grads['x'] = dx
    return loss, grads


def backward(g, grads):
    return {name: g * d for name, d in grads.items()}


SUBJECT = dict(forward=conv_loss, backward=backward,
               inputs=(rng.normal(size=(4, 2, 5, 5)), rng.normal(size=(3, 2, 3, 3)) * .5, rng.normal(size=3) * .1))
