import numpy as np


class ThreeLayerConvNet:
    def __init__(self, reg):
        self.reg, self.params = reg, {}

    def loss(self, X, y, W1, b1, W2, b2):
        k = W1.shape[2]
        win = np.lib.stride_tricks.sliding_window_view(
            np.pad(X, ((0, 0), (0, 0), (k // 2, k // 2), (k // 2, k // 2))), (k, k), axis=(2, 3))
        z = np.einsum('nchwij,fcij->nfhw', win, W1) + b1[:, None, None]
        r = np.maximum(z, 0)
        N, F, H, W = r.shape
        blocks = r.reshape(N, F, H // 2, 2, W // 2, 2)
        pooled = blocks.max(axis=(3, 5), keepdims=True)
        flat = pooled.reshape(N, -1)
        scores = flat @ W2 + b2
        e = np.exp(scores - scores.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        data = -np.log(p[np.arange(N), y]).mean()
        reg = 0.5 * self.reg * ((W1 ** 2).sum() + (W2 ** 2).sum())

        ds = p
        ds[np.arange(N), y] -= 1
        ds /= N
        grads = {'W2': flat.T @ ds + self.reg * W2, 'b2': ds.sum(0)}
        dr = ((blocks == pooled) * (ds @ W2.T).reshape(pooled.shape)).reshape(r.shape)
        dz = dr * (r > 0)
        grads['W1'] = np.einsum('nchwij,nfhw->fcij', win, dz) + self.reg * W1
        grads['b1'] = dz.sum((0, 2, 3))
        q = k - 1 - k // 2
        gw = np.lib.stride_tricks.sliding_window_view(
            np.pad(dz, ((0, 0), (0, 0), (q, q), (q, q))), (k, k), axis=(2, 3))
        grads['X'] = np.einsum('nfhwij,fcij->nchw', gw, W1[..., ::-1, ::-1])
        return data + reg, grads


model = ThreeLayerConvNet(reg=0.1)


def backward(upstream, grads):
    return {k: upstream * v for k, v in grads.items()}


rng = np.random.default_rng(137)
SUBJECT = dict(forward=model.loss, backward=backward,
               inputs=(rng.normal(size=(3, 2, 4, 6)), np.array([0, 2, 1]), rng.normal(size=(3, 2, 3, 3)) * .3,
                       rng.normal(size=3) * .1, rng.normal(size=(18, 4)) * .3, rng.normal(size=4)))
