import numpy as np


def focal_forward(logits, y, gamma=2.0):
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z)
    p = p / p.sum(axis=1, keepdims=True)
    n = logits.shape[0]
    pt = p[np.arange(n), y]
    loss = np.mean(-((1 - pt) ** gamma) * np.log(pt))
    return loss, (p, pt, y, gamma)


def focal_backward(dout, cache):
    p, pt, y, gamma = cache
    n = p.shape[0]
    # derivative with respect to the probability of the right class
    dpt = -((1 - pt) ** gamma) / pt
    dpt = dout * dpt / n
    # softmax: dpt/dz_j = pt * (1[j == y] - p_j)
    onehot = np.zeros_like(p)
    onehot[np.arange(n), y] = 1
    dlogits = (dpt * pt)[:, None] * (onehot - p)
    return dlogits


rng = np.random.default_rng(14)
logits = rng.normal(size=(4, 5))
labels = np.array([3, 0, 4, 1])
SUBJECT = dict(forward=focal_forward, backward=focal_backward, inputs=(logits, labels), params={'gamma': 2.0})
