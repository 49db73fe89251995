import numpy as np


def dice_forward(logits, target, smooth=1.0):
    # logits, target: (N, H, W)
    p = 1.0 / (1.0 + np.exp(-logits))
    inter = (p * target).sum(axis=(1, 2))
    total = p.sum(axis=(1, 2)) + target.sum(axis=(1, 2))
    score = (2 * inter + smooth) / (total + smooth)
    loss = 1.0 - score.mean()
    return loss, (p, target, inter, total, smooth)


def dice_backward(dloss, cache):
    p, target, inter, total, smooth = cache
    N = p.shape[0]
    dscore = -dloss / N
    den = (total + smooth)[:, None, None]
    num = (2 * inter + smooth)[:, None, None]
    dp = dscore * 2 * target / den
    dlogits = dp * p * (1 - p)
    return dlogits, None


rng = np.random.default_rng(43)
logits = rng.normal(size=(3, 5, 4))
target = (rng.random((3, 5, 4)) > 0.6).astype(np.int64)
SUBJECT = dict(forward=dice_forward, backward=dice_backward, inputs=(logits, target))
