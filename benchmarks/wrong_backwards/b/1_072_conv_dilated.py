import numpy as np


def dilated_forward(x, w, b, dilation=2):
    N, C, H, W = x.shape
    F, _, K, _ = w.shape
    span = dilation * (K - 1) + 1
    Ho, Wo = H - span + 1, W - span + 1
    out = np.empty((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            patch = x[:, :, i:i + span:dilation, j:j + span:dilation]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, {"x": x, "w": w, "dilation": dilation}


def dilated_backward(grad, cache):
    x, w, dilation = cache["x"], cache["w"], cache["dilation"]
    K = w.shape[2]
    span = dilation * (K - 1) + 1
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            g = grad[:, :, i, j]
            patch = x[:, :, i:i + K, j:j + K]
            dw += np.tensordot(g, patch, axes=(0, 0))
            dx[:, :, i:i + span:dilation, j:j + span:dilation] += np.tensordot(g, w, axes=(1, 0))
    db = grad.sum(axis=(0, 2, 3))
    return {"x": dx, "w": dw, "b": db}


rng = np.random.default_rng(4)
x = rng.uniform(-1, 1, (2, 2, 7, 8))
w = rng.uniform(-1, 1, (3, 2, 3, 3))
b = rng.uniform(-1, 1, 3)
SUBJECT = dict(forward=dilated_forward, backward=dilated_backward, inputs=(x, w, b), params={"dilation": 2})
