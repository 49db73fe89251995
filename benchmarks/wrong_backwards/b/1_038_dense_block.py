import numpy as np


def dense_block(x, w1, w2):
    """each step: relu(1x1 conv of everything so far), concatenated to the features"""
    caches = []
    feats = x
    for w in (w1, w2):
        z = np.einsum('nchw,fc->nfhw', feats, w)
        caches.append((feats, z, w))
        feats = np.concatenate([feats, np.maximum(z, 0)], axis=1)
    return feats, caches


def dense_block_backward(grad, caches):
    dws = []
    for feats, z, w in reversed(caches):
        growth = w.shape[0]
        g_new, g_feats = grad[:, :growth], grad[:, growth:]
        dz = g_new * (z > 0)
        dws.insert(0, np.einsum('nfhw,nchw->fc', dz, feats))
        grad = g_feats + np.einsum('nfhw,fc->nchw', dz, w)
    return (grad, *dws)


rng = np.random.default_rng(52)
x = rng.normal(size=(2, 3, 4, 4))
w1 = rng.normal(size=(2, 3))
w2 = rng.normal(size=(2, 5))
SUBJECT = dict(forward=dense_block, backward=dense_block_backward, inputs=(x, w1, w2))
