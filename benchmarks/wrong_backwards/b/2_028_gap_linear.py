import numpy as np


def head_forward(feat, W, b):
    """global average pooling followed by the classifier, feat is N,H,W,C"""
    pooled = feat.mean(axis=(1, 2))
    scores = pooled @ W + b
    return scores, (feat, pooled, W)


def head_backward(dscores, cache):
    feat, pooled, W = cache
    dW = pooled.T @ dscores
    db = dscores.sum(axis=0)
    dpooled = dscores @ W.T
    N, H, Wd, C = feat.shape
    dfeat = np.ones((N, H, Wd, C)) * dpooled[:, None, None, :]
    dfeat /= H * H
    return dfeat, dW, db


rng = np.random.default_rng(10)
feat = rng.standard_normal((3, 4, 6, 5))
W = rng.standard_normal((5, 3))
b = np.zeros(3)
SUBJECT = dict(forward=head_forward, backward=head_backward, inputs=(feat, W, b))
