import numpy as np

tokens = np.array([[3, 1, 4, 1, 5, 0], [2, 7, 1, 6, 6, 3]])


def forward(emb, filt, bias, W):
    e = emb[tokens]                                              # N T D
    k = filt.shape[0]
    win = np.stack([e[:, i:e.shape[1] - k + 1 + i] for i in range(k)], axis=2)
    z = np.tensordot(win, filt, 2) + bias                        # N P F
    best = z.argmax(1)
    top = np.take_along_axis(z, best[:, None], 1)[:, 0]
    h = np.maximum(top, 0)
    return h @ W, (emb.shape, e.shape, filt, win, z.shape, best, top, h, W)


def backward(g, cache):
    emb_shape, e_shape, filt, win, z_shape, best, top, h, W = cache
    dW = h.T @ g
    dtop = (g @ W.T) * (top > 0)
    dz = np.zeros(z_shape)
    np.put_along_axis(dz, best[:, None], dtop[:, None], 1)
    dfilt = np.tensordot(win, dz, axes=((0, 1), (0, 1)))
    dwin = np.tensordot(dz, filt, axes=(2, 2))
    de = np.zeros(e_shape)
    for i in range(filt.shape[0]):
        de[:, i:i + z_shape[1]] += dwin[:, :, i]
    demb = np.zeros(emb_shape)
    np.add.at(demb, tokens.ravel(), de.reshape(-1, e_shape[-1]))
    return demb, dfilt, dz.sum((0, 1)), dW


rng = np.random.default_rng(113)
SUBJECT = dict(forward=forward, backward=backward, inputs=(
    rng.normal(size=(8, 3)), rng.normal(size=(2, 3, 4)), rng.normal(size=4) * .1, rng.normal(size=(4, 2))))
