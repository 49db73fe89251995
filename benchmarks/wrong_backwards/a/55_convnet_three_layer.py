import numpy as np

y = np.array([0, 2, 1])


def net_loss(x, W1, W2, W3, pool_param):
    s = pool_param['stride']
    N, C, H, W = x.shape
    a0 = x.reshape(N, C, H // s, s, W // s, s).mean(axis=(3, 5)).reshape(N, -1)
    h1 = a0 @ W1
    a1 = np.maximum(0, h1)
    h2 = a1 @ W2
    a2 = np.maximum(0, h2)
    scores = a2 @ W3
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(N), y].mean()

    grads = {}
    dscores = np.exp(logp)
    dscores[np.arange(N), y] -= 1
    dscores /= N
    grads['W3'] = a2.T @ dscores
    dh2 = (dscores @ W3.T) * (h1 > 0)
    grads['W2'] = a1.T @ dh2
    dh1 = (dh2 @ W2.T) * (h1 > 0)
    grads['W1'] = a0.T @ dh1
    da0 = (dh1 @ W1.T).reshape(N, C, H // s, 1, W // s, 1)
    grads['x'] = np.broadcast_to(da0 / s ** 2, (N, C, H // s, s, W // s, s)).reshape(x.shape)
    return loss, grads


def backward(dloss, grads):
    return {name: dloss * g for name, g in grads.items()}


rng = np.random.default_rng(15)
SUBJECT = dict(forward=net_loss, backward=backward,
               inputs=(rng.standard_normal((3, 2, 6, 4)), rng.standard_normal((12, 6)), rng.standard_normal((6, 6)),
                       rng.standard_normal((6, 3))),
               params={'pool_param': {'stride': 2}}, names=['x', 'W1', 'W2', 'W3'])
