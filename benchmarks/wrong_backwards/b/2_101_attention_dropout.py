import numpy as np


def build(mask, keep):
    def fwd(q, k, v):
        s = (q @ k.transpose(0, 2, 1)) * q.shape[-1] ** -0.5
        s = s - s.max(2, keepdims=True)
        w = np.exp(s)
        w = w / w.sum(2, keepdims=True)
        wd = w * mask / keep
        return wd @ v, (q, k, v, w, wd)

    def bwd(g, cache):
        q, k, v, w, wd = cache
        dv = w.transpose(0, 2, 1) @ g
        dwd = g @ v.transpose(0, 2, 1)
        dw = dwd * mask / keep
        ds = w * (dw - np.sum(dw * w, axis=2, keepdims=True))
        ds = ds * q.shape[-1] ** -0.5
        dq = ds @ k
        dk = ds.transpose(0, 2, 1) @ q
        return dq, dk, dv

    return fwd, bwd


rng = np.random.default_rng(58)
keep = 0.75
fwd, bwd = build((rng.random((2, 4, 4)) < keep).astype(float), keep)
q, k, v = rng.normal(size=(3, 2, 4, 3))
SUBJECT = dict(forward=fwd, backward=bwd, inputs=(q, k, v))
