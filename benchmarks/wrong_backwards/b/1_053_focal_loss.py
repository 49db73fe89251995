import numpy as np


def focal_loss(logits, targets, gamma=2.0, alpha=0.25):
    """targets in {0, 1}; mean over all elements"""
    p = 1 / (1 + np.exp(-logits))
    pt = np.where(targets == 1, p, 1 - p)
    at = np.where(targets == 1, alpha, 1 - alpha)
    loss = -at * (1 - pt) ** gamma * np.log(pt)
    return loss.mean(), (p, pt, at, targets, gamma)


def focal_loss_backward(grad, cache):
    p, pt, at, targets, gamma = cache
    dpt = -at * (1 - pt) ** gamma / pt
    sign = np.where(targets == 1, 1.0, -1.0)
    dlogits = dpt * sign * p * (1 - p) / p.size
    return grad * dlogits, None


rng = np.random.default_rng(63)
logits = rng.normal(size=(4, 3))
targets = rng.integers(0, 2, size=(4, 3))
SUBJECT = dict(forward=focal_loss, backward=focal_loss_backward, inputs=(logits, targets))
