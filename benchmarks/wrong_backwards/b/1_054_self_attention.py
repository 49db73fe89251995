import numpy as np


def attention(q, k, v):
    """q, k, v: (B, heads, T, d), causal"""
    T, d = q.shape[-2:]
    scale = d ** -0.5
    scores = np.einsum('bhid,bhjd->bhij', q, k) * scale
    mask = np.triu(np.ones((T, T), dtype=bool), 1)
    scores = np.where(mask, -1e30, scores)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    return np.einsum('bhij,bhjd->bhid', p, v), (q, k, v, p, scale)


def attention_backward(do, cache):
    q, k, v, p, scale = cache
    dv = np.einsum('bhij,bhid->bhjd', p, do)
    dp = np.einsum('bhid,bhjd->bhij', do, v)
    ds = p * (dp - (dp * p).sum(-1, keepdims=True))
    dq = np.einsum('bhij,bhjd->bhid', ds, k) * scale
    dk = np.einsum('bhij,bhid->bhjd', ds, q)
    return dq, dk, dv


rng = np.random.default_rng(61)
q, k, v = (rng.normal(size=(2, 2, 4, 3)) for _ in range(3))
SUBJECT = dict(forward=attention, backward=attention_backward, inputs=(q, k, v))
