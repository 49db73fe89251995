import numpy as np


def network(x, kernel, bias, W, conv_param):
    labels = np.array([1, 0, 2])
    N, H, Wd, C = x.shape
    k = kernel.shape[0]
    p = conv_param['pad']
    xp = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    oh, ow = H + 2 * p - k + 1, Wd + 2 * p - k + 1
    taps = [(i, j) for i in range(k) for j in range(k)]
    z = sum(xp[:, i:i + oh, j:j + ow] @ kernel[i, j] for i, j in taps) + bias
    a = z * (z > 0)
    feat = a.mean((1, 2))
    logits = feat @ W
    logits = logits - logits.max(1, keepdims=True)
    prob = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    loss = -np.log(prob[range(N), labels]).sum() / N

    def grads():
        g = {}
        d = prob - np.eye(W.shape[1])[labels]
        d = d / N
        g['W'] = feat.T @ d
        dz = np.repeat((d @ W.T)[:, None, None, :] / (oh * ow), oh, axis=1) * (z > 0)
        g['bias'] = dz.sum((0, 1, 2))
        g['kernel'] = np.zeros_like(kernel)
        dxp = np.zeros_like(xp)
        for i, j in taps:
            g['kernel'][i, j] = np.einsum('nhwi,nhwo->io', xp[:, i:i + oh, j:j + ow], dz)
            dxp[:, i:i + oh, j:j + ow] += dz @ kernel[i, j].T
        g['x'] = dxp[:, p:p + H, p:p + Wd]
        return g

    return loss, grads


def backward(dloss, grads):
    return {k: v * dloss for k, v in grads().items()}


rng = np.random.default_rng(92)
SUBJECT = dict(forward=network, backward=backward, names=['x', 'kernel', 'bias', 'W'],
               inputs=(rng.standard_normal((3, 5, 4, 2)), rng.standard_normal((3, 3, 2, 4)), rng.standard_normal(4),
                       rng.standard_normal((4, 3))),
               params={'conv_param': {'pad': 1}})
