import numpy as np


def group_conv(x, w, groups=2):
    N, C, H, W = x.shape
    F, cg, kh, kw = w.shape
    xg = x.reshape(N, groups, cg, H, W)
    wg = w.reshape(groups, F // groups, cg, kh, kw)
    view = np.lib.stride_tricks.sliding_window_view(xg, (kh, kw), axis=(3, 4))
    out = np.einsum('ngcyxij,gfcij->ngfyx', view, wg)
    return out.reshape(N, F, *out.shape[3:]), (view, xg.shape, wg)


def group_conv_backward(dout, cache):
    view, shape, wg = cache
    N, g = shape[:2]
    d = dout.reshape(N, g, -1, *dout.shape[2:])
    dwg = np.einsum('ngfyx,ngcyxij->gfcij', d, view)
    dxg = np.zeros(shape)
    dview = np.lib.stride_tricks.sliding_window_view(dxg, wg.shape[3:], axis=(3, 4), writeable=True)
    for i, j in np.ndindex(*wg.shape[3:]):
        dview[..., i, j] += np.einsum('ngfyx,gfc->ngcyx', d, wg[..., i, j])
    return dxg.reshape(N, -1, *shape[3:]), dwg.reshape(-1, *dwg.shape[2:])


rng = np.random.default_rng(109)
SUBJECT = dict(forward=group_conv, backward=group_conv_backward,
               inputs=(rng.normal(size=(2, 4, 5, 6)), rng.normal(size=(6, 2, 3, 2))))
