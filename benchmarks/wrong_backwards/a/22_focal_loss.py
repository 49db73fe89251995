import numpy as np


def focal_loss(logits, onehot, gamma=2.0, alpha=0.25):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    pt = np.sum(p * onehot, axis=1, keepdims=True)
    mod = (1 - pt) ** gamma
    loss = -alpha * np.mean(mod * np.log(pt))
    # d loss / d pt, then softmax jacobian
    dpt = -alpha * mod / pt
    dlogits = dpt * pt * (onehot - p) / logits.shape[0]
    return loss, dlogits


def backward(grad, dlogits):
    return (grad * dlogits, None)


rng = np.random.default_rng(53)
logits = rng.standard_normal((3, 4))
onehot = np.eye(4, dtype=int)[[2, 0, 1]]
SUBJECT = dict(forward=focal_loss, backward=backward, inputs=(logits, onehot),
               params={'gamma': 2.0, 'alpha': 0.5})
