import numpy as np


def attention(Q, K, V):
    d = Q.shape[-1]
    s = np.einsum('btd,bsd->bts', Q, K) / np.sqrt(d)
    s = s - s.max(axis=-1, keepdims=True)
    a = np.exp(s)
    a /= a.sum(axis=-1, keepdims=True)
    out = np.einsum('bts,bsd->btd', a, V)
    return out, (Q, K, V, a)


def attention_backward(dout, cache):
    Q, K, V, a = cache
    d = Q.shape[-1]
    dV = np.einsum('bts,btd->bsd', a, dout)
    da = np.einsum('btd,bsd->bts', dout, V)
    ds = a * (da - (da * a).sum(axis=-1, keepdims=True))
    dQ = np.einsum('bts,bsd->btd', ds, K) / np.sqrt(d)
    dK = np.einsum('bts,btd->bsd', ds, Q)
    return dQ, dK, dV


rng = np.random.default_rng(52)
Q = rng.normal(size=(2, 4, 5))
K = rng.normal(size=(2, 3, 5))
V = rng.normal(size=(2, 3, 6))
SUBJECT = dict(forward=attention, backward=attention_backward, inputs=(Q, K, V))
