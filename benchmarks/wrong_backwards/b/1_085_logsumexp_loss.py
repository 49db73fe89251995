import numpy as np

y = np.array([1, 0, 3])


def logsumexp(a):
    m = a.max(axis=-1, keepdims=True)
    return m + np.log(np.sum(np.exp(a - m), axis=-1, keepdims=True))


def loss(logits):
    logp = logits - logsumexp(logits)
    nll = -np.take_along_axis(logp, y[:, None], axis=1)
    return float(nll.sum()), logp


def dloss(g, logp):
    d = np.exp(logp)
    onehot = np.eye(d.shape[1])[y]
    return g * (d - onehot)


rng = np.random.default_rng(136)
SUBJECT = dict(forward=loss, backward=dloss, inputs=(2 * rng.normal(size=(3, 4)),))
