import numpy as np


def unfold(img, k):
    C, H, W = img.shape
    oh, ow = H - k + 1, W - k + 1
    rows = []
    for c in range(C):
        for i in range(k):
            for j in range(k):
                rows.append(img[c, i:i + oh, j:j + ow].ravel())
    return np.stack(rows)


def fold(cols, shape, k):
    C, H, W = shape
    oh, ow = H - k + 1, W - k + 1
    img = np.zeros(shape)
    r = 0
    for c in range(C):
        for i in range(k):
            for j in range(k):
                img[c, i:i + oh, j:j + ow] += cols[r].reshape(oh, ow)
                r += 1
    return img


def forward(x, kernel):
    F, C, k, _ = kernel.shape
    mat = kernel.reshape(F, -1)
    N, _, H, W = x.shape
    y = np.empty((N, F, H - k + 1, W - k + 1))
    for n in range(N):
        y[n] = (mat @ unfold(x[n], k)).reshape(y.shape[1:])
    return y, (x, kernel)


def backward(dy, cache):
    x, kernel = cache
    F, C, k, _ = kernel.shape
    mat = kernel.reshape(F, -1)
    dmat = np.zeros_like(mat)
    dx = np.empty_like(x)
    for n in range(x.shape[0]):
        g = dy[n].reshape(F, -1)
        cols = unfold(x[n], k)
        np.matmul(g, cols.T, out=dmat)
        dx[n] = fold(mat.T @ g, x.shape[1:], k)
    return dx, dmat.reshape(kernel.shape)


rng = np.random.default_rng(3)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((3, 2, 5, 5)), rng.standard_normal((3, 2, 3, 3))))
