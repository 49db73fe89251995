import numpy as np


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev + 2 * pad - f) // stride + 1
    n_W = (n_W_prev + 2 * pad - f) // stride + 1
    A_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                window = A_pad[i, h * stride:h * stride + f, w * stride:w * stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = (window * W[..., c]).sum() + b[0, 0, 0, c]
    return Z, (A_pad, W, b, hparameters)


def conv_backward(dZ, cache):
    A_pad, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    dA_pad, dW, db = np.zeros_like(A_pad), np.zeros_like(W), np.zeros_like(b)
    for i in range(m):
        da, a = dA_pad[i], A_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                v, q = stride * h, stride * w
                target = da[v:v + f, q:q + f]
                for c in range(n_C):
                    target += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += a[v:v + f, q:q + f] * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    dA_prev = dA_pad[:, pad:-pad, pad:-pad] if pad > 0 else dA_pad
    return dA_prev, dW, db, None


rng = np.random.default_rng(101)
SUBJECT = dict(forward=conv_forward, backward=conv_backward,
               inputs=(rng.standard_normal((2, 6, 5, 2)), rng.standard_normal((2, 2, 2, 3)),
                       rng.standard_normal((1, 1, 1, 3)), {"stride": 2, "pad": 1}))
