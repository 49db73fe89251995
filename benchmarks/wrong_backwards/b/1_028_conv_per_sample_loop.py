import numpy as np


def im2col_single(img, k, stride):
    C, H, W = img.shape
    cols = []
    for r in range(0, H - k + 1, stride):
        for c in range(0, W - k + 1, stride):
            cols.append(img[:, r:r + k, c:c + k].ravel())
    return np.array(cols).T


def col2im_single(cols, shape, k, stride):
    C, H, W = shape
    img = np.zeros(shape)
    n = 0
    for r in range(0, H - k + 1, stride):
        for c in range(0, W - k + 1, stride):
            img[:, r:r + k, c:c + k] += cols[:, n].reshape(C, k, k)
            n += 1
    return img


def conv_layer_forward(x, W, b, stride):
    F, C, k, _ = W.shape
    N, _, H, Wd = x.shape
    ho, wo = (H - k) // stride + 1, (Wd - k) // stride + 1
    out = np.zeros((N, F, ho, wo))
    for n in range(N):
        col = im2col_single(x[n], k, stride)
        out[n] = (W.reshape(F, -1) @ col + b).reshape(F, ho, wo)
    return out, (x, W, b, stride)


def conv_layer_backward(dout, cache):
    x, W, b, stride = cache
    F, C, k, _ = W.shape
    dx = np.zeros_like(x)
    dW = np.zeros((F, C * k * k))
    db = np.zeros_like(b)
    for n in range(x.shape[0]):
        d = dout[n].reshape(F, -1)
        col = im2col_single(x[n], k, stride)
        dW = d @ col.T
        db += d.sum(axis=1, keepdims=True)
        dx[n] = col2im_single(W.reshape(F, -1).T @ d, x[n].shape, k, stride)
    return dx, dW.reshape(W.shape), db


rng = np.random.default_rng(18)
SUBJECT = dict(forward=conv_layer_forward, backward=conv_layer_backward,
               inputs=(rng.normal(size=(3, 2, 7, 5)), rng.normal(size=(4, 2, 3, 3)), rng.normal(size=(4, 1)), 2))
