import numpy as np

rng = np.random.default_rng(57)
TARGET = rng.standard_normal((4, 4))
POSITIVE = np.array([1, 0, 1, 1])


def bbox_loss(pred, loss_param):
    beta = loss_param['beta']
    diff = (pred - TARGET) * POSITIVE[:, None]
    a = np.abs(diff)
    quad = np.minimum(a, beta)
    loss = np.sum(quad ** 2 / (2 * beta) + (a - quad)) / POSITIVE.sum()
    dpred = np.clip(diff / beta, -1, 1) / POSITIVE.sum()
    return loss, dpred


def backward(dloss, dpred):
    return dloss * dpred


SUBJECT = dict(forward=bbox_loss, backward=backward, inputs=(rng.standard_normal((4, 4)),),
               params={'loss_param': {'beta': 0.5}})
