import numpy as np


def mha(x, mem, Wq, Wk, Wv, Wo, pad):
    q = np.einsum('btd,dhe->bhte', x, Wq)
    k = np.einsum('bsd,dhe->bhse', mem, Wk)
    v = np.einsum('bsd,dhe->bhse', mem, Wv)
    s = np.einsum('bhte,bhse->bhts', q, k) / np.sqrt(Wq.shape[-1])
    s = np.where(pad[:, None, None, :], -np.inf, s)
    p = np.exp(s - s.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    z = np.einsum('bhts,bhse->bthe', p, v)
    return np.einsum('bthe,hed->btd', z, Wo), (x, mem, Wq, Wk, Wv, Wo, q, k, v, p, z)


def mha_back(g, cache):
    x, mem, Wq, Wk, Wv, Wo, q, k, v, p, z = cache
    dWo = np.einsum('bthe,btd->hed', z, g)
    dz = np.einsum('btd,hed->bthe', g, Wo)
    dv = np.einsum('bhts,bthe->bhse', p, dz)
    dp = np.einsum('bthe,bhse->bhts', dz, v)
    ds = p * (dp - np.einsum('bhts,bhts->bht', p, dp)[..., None]) / np.sqrt(Wq.shape[-1])
    dq = np.einsum('bhts,bhse->bhte', ds, k)
    dk = np.einsum('bhts,bhte->bhse', ds, q)
    dx = np.einsum('bhte,dhe->btd', dq, Wq)
    dmem = np.einsum('bhse,dhe->bsd', dk, Wk) + np.einsum('bhse,dhe->bsd', dv, Wv)
    return (dx, dmem, np.einsum('btd,bhte->dhe', x, dq), np.einsum('bsd,bhse->dhe', mem, dk),
            np.einsum('bsd,bhse->dhe', mem, dv), dWo, None)


rng = np.random.default_rng(137)
pad = np.array([[False, False, False, True], [False, False, True, True]])
SUBJECT = dict(forward=mha, backward=mha_back, inputs=(
    rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 4, 5)), rng.normal(size=(4, 2, 3)) * .5,
    rng.normal(size=(5, 2, 3)) * .5, rng.normal(size=(5, 2, 3)) * .5, rng.normal(size=(2, 3, 4)) * .5, pad))
