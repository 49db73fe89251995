import numpy as np


def triplet_forward(query, similar, dissimilar, margin=1.0):
    d_pos = np.sum((query - similar) ** 2, axis=1)
    d_neg = np.sum((query - dissimilar) ** 2, axis=1)
    hinge = np.maximum(0.0, margin + d_pos - d_neg)
    loss = hinge.mean()
    return loss, (query, similar, dissimilar, hinge)


def triplet_backward(top_diff, cache):
    query, similar, dissimilar, hinge = cache
    active = (hinge > 0).astype(float)[:, None]
    scale = 2.0 * top_diff / query.shape[0]
    diff_pos = query - similar
    diff_neg = query - dissimilar
    d_similar = -scale * active * diff_pos
    d_dissimilar = scale * active * diff_neg
    d_query = np.zeros_like(query)
    return d_query, d_similar, d_dissimilar


rng = np.random.default_rng(50)
SUBJECT = dict(forward=triplet_forward, backward=triplet_backward,
               inputs=(rng.standard_normal((5, 4)), rng.standard_normal((5, 4)), rng.standard_normal((5, 4))))
