import numpy as np


def phi(x):
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def dphi(x):
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


def linear_attention(q, k, v):
    fq, fk = phi(q), phi(k)
    kv = np.einsum('btd,bte->bde', fk, v)
    ksum = fk.sum(axis=1)
    num = np.einsum('btd,bde->bte', fq, kv)
    z = np.einsum('btd,bd->bt', fq, ksum)[..., None]
    return num / z, (q, k, v, fq, fk, kv, ksum, num, z)


def linear_attention_grad(g, cache):
    q, k, v, fq, fk, kv, ksum, num, z = cache
    dnum = g / z
    dz = -(g * num).sum(-1) / z[..., 0] ** 2
    dfq = np.einsum('bte,bde->btd', dnum, kv) + dz[..., None] * ksum[:, None]
    dkv = np.einsum('btd,bte->bde', fq, dnum)
    dksum = np.einsum('bt,btd->bd', dz, fq)
    dv = np.einsum('btd,bde->bte', fk, dkv)
    dfk = np.einsum('bte,bde->btd', v, dkv)
    return dfq * dphi(q), dfk * dphi(k), dv


rng = np.random.default_rng(62)
SUBJECT = dict(forward=linear_attention, backward=linear_attention_grad,
               inputs=(rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 5, 2))))
