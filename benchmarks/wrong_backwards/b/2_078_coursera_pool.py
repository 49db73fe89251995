import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    m, H, W, C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H, n_W = 1 + (H - f) // stride, 1 + (W - f) // stride
    A = np.zeros((m, n_H, n_W, C))
    reduce = {"max": np.max, "average": np.mean}[mode]
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(C):
                    A[i, h, w, c] = reduce(A_prev[i, h * stride:h * stride + f, w * stride:w * stride + f, c])
    return A, (A_prev, hparameters, mode)


def create_mask_from_window(x):
    return x == np.max(x)


def distribute_value(dz, shape):
    return np.full(shape, dz / (shape[0] * shape[1]))


def pool_backward(dA, cache):
    A_prev, hparameters, mode = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for (i, h, w, c), da in np.ndenumerate(dA):
        vs, hs = h * stride, w * stride
        if mode == "max":
            mask = create_mask_from_window(A_prev[i, vs:vs + f, hs:hs + f, c])
            dA_prev[i, vs:vs + f, hs:hs + f, c] += mask * da
        else:
            dA_prev[i, vs:vs + f, hs:hs + f, c] += distribute_value(da, (f, f))
    return dA_prev


A_prev = np.random.default_rng(103).normal(size=(2, 5, 5, 2))
SUBJECT = dict(forward=pool_forward, backward=pool_backward,
               inputs=(A_prev, {"f": 2, "stride": 1}), params={"mode": "average"})
