import numpy as np

MASK = (np.indices((2, 4, 4)).sum(axis=0) % 3 == 0).astype(int)


def segmentation_loss(logits, w_dice, smooth):
    y = MASK
    p = 1 / (1 + np.exp(-logits))
    bce = np.mean(np.logaddexp(0, logits) - y * logits)
    axes = (1, 2)
    inter = 2 * np.sum(p * y, axes, keepdims=True) + smooth
    total = np.sum(p + y, axes, keepdims=True) + smooth
    dice = 1 - np.mean(inter / total)
    dp = -(2 * y * total - inter) / total ** 2 / len(logits)
    dlogits = (p - y) / p.size + w_dice * dp * p * (1 - p)
    return bce + w_dice * dice, dlogits


def backward(grad, dlogits):
    return (grad * dlogits,)


logits = np.random.default_rng(76).standard_normal((2, 4, 4))
SUBJECT = dict(forward=segmentation_loss, backward=backward, inputs=(logits, 2, 1))
