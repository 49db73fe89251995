import numpy as np
from types import SimpleNamespace


def split(t, h):
    B, T, D = t.shape
    return t.reshape(B, T, h, D // h).transpose(0, 2, 1, 3)


def merge(t):
    B, h, T, d = t.shape
    return t.transpose(0, 2, 1, 3).reshape(B, T, h * d)


def mha_forward(x, Wqkv, Wo, heads):
    q, k, v = (split(t, heads) for t in np.split(x @ Wqkv, 3, axis=-1))
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    p = np.exp(s - s.max(-1, keepdims=True))
    p = p / p.sum(-1, keepdims=True)
    ctx = merge(p @ v)
    return ctx @ Wo, SimpleNamespace(**{k_: v_ for k_, v_ in locals().items()})


def mha_backward(dout, m):
    dWo = np.einsum('btd,bte->de', m.ctx, dout)
    do = split(dout @ m.Wo.T, m.heads)
    dv = m.p.swapaxes(-1, -2) @ do
    dp = do @ m.v.swapaxes(-1, -2)
    ds = m.p * (dp - (dp * m.p).sum(-1, keepdims=True)) / np.sqrt(m.q.shape[-1])
    dq, dk = ds @ m.k, ds.swapaxes(-1, -2) @ m.q
    dqkv = np.concatenate([merge(dq), merge(dk), merge(dv)], axis=-1)
    return dqkv @ m.Wqkv.T, np.einsum('btd,bte->de', m.x, dqkv), dWo


rng = np.random.default_rng(95)
x = rng.standard_normal((4, 3, 2)).transpose(2, 1, 0)
SUBJECT = dict(forward=mha_forward, backward=mha_backward,
               inputs=(x, rng.standard_normal((4, 12)), rng.standard_normal((4, 4)), 2))
