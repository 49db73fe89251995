import numpy as np


def bag_forward(table, ids, pad_id):
    valid = (ids != pad_id)
    count = valid.sum(axis=1, keepdims=True)
    weights = valid / count
    pooled = np.einsum('nl,nld->nd', weights, table[ids])
    return pooled, (ids, weights, len(table))


def bag_backward(dout, cache):
    ids, weights, V = cache
    onehot = (ids[:, :, None] == np.arange(V)).astype(float)
    return np.einsum('nlv,nl,nd->vd', onehot, weights, dout), None, None


rng = np.random.default_rng(49)
ids = np.array([[1, 2, 2, 0], [4, 0, 0, 0], [3, 1, 4, 4]])
SUBJECT = dict(forward=bag_forward, backward=bag_backward, inputs=(rng.standard_normal((5, 3)), ids, 0))
