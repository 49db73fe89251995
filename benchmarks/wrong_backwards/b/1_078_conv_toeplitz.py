import numpy as np


def conv_matrix(w, H, W):
    """dense matrix M with vec(conv(x)) = M vec(x)"""
    F, C, kh, kw = w.shape
    Ho, Wo = H - kh + 1, W - kw + 1
    M = np.zeros((F, Ho, Wo, C, H, W))
    for p in range(Ho):
        for q in range(Wo):
            M[:, p, q, :, p:p + kh, q:q + kw] = w
    return M.reshape(F * Ho * Wo, C * H * W), (Ho, Wo)


def forward(x, w):
    N, C, H, W = x.shape
    M, (Ho, Wo) = conv_matrix(w, H, W)
    y = x.reshape(N, -1) @ M.T
    return y.reshape(N, len(w), Ho, Wo), (x, w, M)


def backward(dy, cache):
    x, w, M = cache
    N, F, Ho, Wo = dy.shape
    _, C, H, W = x.shape
    flat = dy.reshape(N, -1)
    dx = (flat @ M).reshape(x.shape)
    dM = (flat.T @ x.reshape(N, -1)).reshape(F, Ho, Wo, C, H, W)
    kh, kw = w.shape[2:]
    dw = sum(dM[:, p, q, :, p:p + kh, q:q + kw] for p in range(Ho) for q in range(Wo))
    return dx, dw


rng = np.random.default_rng(102)
SUBJECT = dict(forward=forward, backward=backward, op="conv2d",
               inputs=(rng.normal(size=(2, 2, 4, 5)), rng.normal(size=(3, 2, 2, 3))))
