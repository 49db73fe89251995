import numpy as np


def conv_single_step(a_slice_prev, W, b):
    s = np.multiply(a_slice_prev, W)
    return np.sum(s) + float(np.squeeze(b))


def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                window = A_prev_pad[i, h * stride:h * stride + f, w * stride:w * stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev_pad, A_prev.shape, W, stride, pad)


def conv_backward(dZ, cache):
    A_prev_pad, prev_shape, W, stride, pad = cache
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    dW = np.zeros_like(W)
    dA_pad = np.zeros_like(A_prev_pad)
    for i in range(m):
        da = dA_pad[i]                       # view
        for h, w in np.ndindex(n_H, n_W):
            rows = slice(h * stride, h * stride + f)
            cols = slice(w * stride, w * stride + f)
            da[rows, cols] += W @ dZ[i, h, w]
            dW += A_prev_pad[i, rows, cols][..., None] * dZ[i, h, w]
    _, H, Wd, _ = prev_shape
    return {"W": dW, "A_prev": dA_pad[:, pad:pad + H, pad:pad + Wd],
            "b": dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, n_C)}


rng = np.random.default_rng(102)
SUBJECT = dict(forward=conv_forward, backward=conv_backward, inputs=(
    rng.normal(size=(2, 5, 6, 3)), rng.normal(size=(2, 2, 3, 4)), rng.normal(size=(1, 1, 1, 4)),
    {"stride": 2, "pad": 1}), names=("A_prev", "W", "b", "hparameters"))
