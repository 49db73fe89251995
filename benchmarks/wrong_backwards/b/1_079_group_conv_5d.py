import numpy as np


def gconv(x, w, b, groups=2, stride=2):
    N, C, H, W = x.shape
    F, cg, kh, kw = w.shape
    xg = x.reshape(N, groups, cg, H, W)
    wg = w.reshape(groups, F // groups, cg, kh, kw)
    Ho, Wo = (H - kh) // stride + 1, (W - kw) // stride + 1
    y = np.zeros((N, groups, F // groups, Ho, Wo))
    for i in range(kh):
        for j in range(kw):
            part = xg[..., i:i + stride * (Ho - 1) + 1:stride, j:j + stride * (Wo - 1) + 1:stride]
            y += np.einsum('ngchw,gfc->ngfhw', part, wg[..., i, j])
    return y.reshape(N, F, Ho, Wo) + b[:, None, None], (xg, wg, stride)


def gconv_backward(dy, cache):
    xg, wg, s = cache
    N, G, cg, H, W = xg.shape
    Ho, Wo = dy.shape[2:]
    dyg = dy.reshape(N, G, -1, Ho, Wo)
    dx = np.zeros((N, G * cg, H, W))
    dxg = dx.reshape(xg.shape)
    dw = np.empty_like(wg)
    for i in range(wg.shape[3]):
        for j in range(wg.shape[4]):
            rows, cols = slice(i, i + s * (Ho - 1) + 1, s), slice(j, j + s * (Wo - 1) + 1, s)
            dw[..., i, j] = np.einsum('ngfhw,ngchw->gfc', dyg, xg[..., rows, cols])
            dxg[..., rows, cols] += np.einsum('ngfhw,gfc->ngchw', dyg, wg[..., i, j])
    return dx, dw.reshape(-1, *dw.shape[2:]), dy.sum((0, 2, 3))


rng = np.random.default_rng(106)
SUBJECT = dict(forward=gconv, backward=gconv_backward, params=dict(groups=2, stride=2),
               inputs=(rng.normal(size=(2, 4, 7, 6)), rng.normal(size=(4, 2, 3, 2)), rng.normal(size=4)))
