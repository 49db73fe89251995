import numpy as np

labels = np.array([3, 1, 1, 0])


def smooth_ce(logits, loss_param):
    N, K = logits.shape
    eps = loss_param['smoothing']
    y_onehot = np.zeros((N, K))
    y_onehot[np.arange(N), labels] = 1.0
    y_smooth = (1 - eps) * y_onehot + eps / K
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -(y_smooth * log_p).sum() / N
    dlogits = (np.exp(log_p) - y_onehot) / N
    return loss, dlogits


SUBJECT = dict(forward=smooth_ce,
               backward=lambda dloss, dlogits: dloss * dlogits,
               inputs=(np.random.default_rng(28).normal(0, 2, (4, 5)),),
               params={'loss_param': {'smoothing': 0.2}})
