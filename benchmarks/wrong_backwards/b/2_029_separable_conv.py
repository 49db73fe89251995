import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as swv


def separable(x, depth, point):
    # x: N C H W, depth: C M k k (M outputs per channel), point: F (C*M)
    k = depth.shape[-1]
    xp = np.pad(x, ((0, 0), (0, 0), (k // 2, k // 2), (k // 2, k // 2)), mode='constant')
    win = swv(xp, (k, k), (2, 3))
    mid = np.einsum('nchwij,cmij->ncmhw', win, depth, optimize=True)
    n, c, m, h, w = mid.shape
    mid = mid.reshape(n, c * m, h, w)
    out = np.einsum('nchw,fc->nfhw', mid, point)
    return out, {'win': win, 'mid': mid, 'depth': depth, 'point': point}


def separable_backward(dout, c):
    depth, point, win, mid = c['depth'], c['point'], c['win'], c['mid']
    dpoint = np.einsum('nfhw,nchw->fc', dout, mid)
    dmid = np.einsum('nfhw,fc->nchw', dout, point)
    C, M, k, _ = depth.shape
    N, _, H, W = dmid.shape
    dmid = dmid.reshape(N, C, M, H, W)
    ddepth = np.einsum('ncmhw,nchwij->cmij', dmid, win, optimize=True)
    r = k // 2
    padded = np.pad(dmid, ((0, 0),) * 3 + ((r, r), (r, r)))
    back = swv(padded, (k, k), (3, 4))[..., ::-1, ::-1]
    dx = np.einsum('ncmhwij,cmij->nchw', back, depth, optimize=True)
    return dx, ddepth, dpoint


rng = np.random.default_rng(108)
SUBJECT = dict(forward=separable, backward=separable_backward, inputs=(
    rng.normal(size=(2, 3, 5, 4)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=(4, 6))))
