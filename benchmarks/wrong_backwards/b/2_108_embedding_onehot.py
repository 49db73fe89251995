import numpy as np


def embed(ids, table, pos):
    onehot = (ids[..., None] == np.arange(len(table))).astype(table.dtype)
    scale = np.sqrt(table.shape[1])
    T = ids.shape[1]
    return scale * np.einsum('btv,vd->btd', onehot, table) + pos[:T], (onehot, scale, pos.shape)


def embed_backward(g, cache):
    onehot, scale, pos_shape = cache
    dtable = scale * np.tensordot(onehot, g, axes=2 * [[0, 1]])
    dpos = np.zeros(pos_shape)
    dpos[:g.shape[1]] = g.sum(axis=0)
    return None, dtable, dpos


rng = np.random.default_rng(148)
ids = np.array([[0, 2, 2], [5, 1, 0]])
SUBJECT = dict(forward=embed, backward=embed_backward, inputs=(ids, rng.normal(size=(6, 4)), rng.normal(size=(5, 4))))
