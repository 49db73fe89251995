import numpy as np


def same_pads(size, k, s):
    out = -(-size // s)
    total = max((out - 1) * s + k - size, 0)
    return total // 2, total - total // 2


def conv_same(x, w, stride):
    N, H, W, C = x.shape
    kh, kw, _, F = w.shape
    pt, pb = same_pads(H, kh, stride)
    pl, pr = same_pads(W, kw, stride)
    xp = np.pad(x, ((0, 0), (pt, pb), (pl, pr), (0, 0)))
    Ho, Wo = -(-H // stride), -(-W // stride)
    out = np.zeros((N, Ho, Wo, F))
    for i in range(Ho):
        for j in range(Wo):
            patch = xp[:, i * stride:i * stride + kh, j * stride:j * stride + kw]
            out[:, i, j] = patch.reshape(N, -1) @ w.reshape(-1, F)
    return out, (xp, w, stride, (pt, pb, pl, pr), (H, W))


def conv_same_backward(dout, cache):
    xp, w, stride, (pt, pb, pl, pr), (H, W) = cache
    kh, kw, C, F = w.shape
    N = dout.shape[0]
    dxp, dw = np.zeros_like(xp), np.zeros((kh * kw * C, F))
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows = slice(i * stride, i * stride + kh)
            cols = slice(j * stride, j * stride + kw)
            dw += xp[:, rows, cols].reshape(N, -1).T @ dout[:, i, j]
            dxp[:, rows, cols] += (dout[:, i, j] @ w.reshape(-1, F).T).reshape(N, kh, kw, C)
    dx = dxp[:, pb:pb + H, pr:pr + W]
    return dx, dw.reshape(w.shape)


rng = np.random.default_rng(11)
SUBJECT = dict(forward=conv_same, backward=conv_same_backward,
               inputs=(rng.normal(size=(2, 5, 6, 2)), rng.normal(size=(4, 4, 2, 3)), 1))
