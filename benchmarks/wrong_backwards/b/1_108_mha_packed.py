import numpy as np

MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], dtype=bool)


def split_heads(t, h):
    B, T, D = t.shape
    return t.reshape(B, T, h, D // h).swapaxes(1, 2)


def merge_heads(t):
    B, h, T, d = t.shape
    return t.swapaxes(1, 2).reshape(B, T, h * d)


def mha(x, Wqkv, Wo, heads=2):
    q, k, v = (split_heads(t, heads) for t in np.split(x @ Wqkv, 3, axis=-1))
    q = q / np.sqrt(q.shape[-1])
    s = q @ k.swapaxes(-1, -2)
    s = np.where(MASK[:, None, None, :], s, -np.inf)
    p = np.exp(s - s.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    o = merge_heads(p @ v)
    return o @ Wo, (x, Wqkv, Wo, q, k, v, p, o, heads)


def mha_backward(g, cache):
    x, Wqkv, Wo, q, k, v, p, o, heads = cache
    dWo = np.einsum('bti,btj->ij', o, g)
    do = split_heads(g @ Wo.T, heads)
    dv = p.swapaxes(-1, -2) @ do
    dp = do @ v.swapaxes(-1, -2)
    ds = p * (dp - np.einsum('bhij,bhij->bhi', dp, p)[..., None])
    dq = ds @ k / np.sqrt(q.shape[-1])
    dk = ds.swapaxes(-1, -2) @ q
    dqkv = np.concatenate([merge_heads(t) for t in (dq, dk, dv)], axis=-1)
    return dqkv @ Wqkv.T, np.einsum('bti,btj->ij', x, dqkv), dWo


rng = np.random.default_rng(145)
SUBJECT = dict(forward=mha, backward=mha_backward,
               inputs=(rng.normal(size=(2, 4, 6)), rng.normal(size=(6, 18)) / 2, rng.normal(size=(6, 6)) / 2))
