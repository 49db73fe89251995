import numpy as np


def rms_norm_fwd(x, weight, z, group_size, eps=1e-5):
    """Gated RMS norm, every group of channels normalised by itself."""
    M, N = x.shape
    gate = z / (1 + np.exp(-z))
    xg = (x * gate).reshape(M, N // group_size, group_size)
    rstd = 1 / np.sqrt(np.square(xg).mean(axis=-1, keepdims=True) + eps)
    x_hat = (xg * rstd).reshape(M, N)
    return x_hat * weight, (x, z, weight, x_hat, rstd, group_size)


def rms_norm_bwd(dy, ctx):
    x, z, weight, x_hat, rstd, group_size = ctx
    M, N = x.shape
    group_size = N
    sig = 1 / (1 + np.exp(-z))
    gate = z * sig
    wdy = (dy * weight).reshape(M, -1, group_size)
    xh = x_hat.reshape(M, -1, group_size)
    c1 = (xh * wdy).mean(axis=-1, keepdims=True)
    inner = (wdy - xh * c1).reshape(M, N)
    d_xg = inner * np.repeat(rstd[..., 0], N // rstd.shape[1], axis=1)
    dweight = (dy * x_hat).sum(axis=0)
    dx = d_xg * gate
    dz = d_xg * x * sig * (1 + z * (1 - sig))
    return dx, dweight, dz, None


rng = np.random.default_rng(55)
SUBJECT = dict(forward=rms_norm_fwd, backward=rms_norm_bwd,
               inputs=(rng.standard_normal((3, 8)), rng.standard_normal(8), rng.standard_normal((3, 8)), 4))
