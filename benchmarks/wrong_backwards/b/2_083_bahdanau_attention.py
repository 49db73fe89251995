import numpy as np


def bahdanau_forward(query, keys, Wq, Wk, v):
    """query (B, D), keys (B, T, D) -> context (B, D)"""
    pre = (query @ Wq)[:, None, :] + keys @ Wk           # B T A
    act = np.tanh(pre)
    e = act @ v                                          # B T
    e = np.exp(e - e.max(axis=1, keepdims=True))
    alpha = e / e.sum(axis=1, keepdims=True)
    context = np.sum(alpha[:, :, None] * keys, axis=1)
    return context, (query, keys, Wq, Wk, v, pre, act, alpha)


def bahdanau_backward(dcontext, cache):
    query, keys, Wq, Wk, v, pre, act, alpha = cache
    dkeys = alpha[:, :, None] * dcontext[:, None, :]
    dalpha = np.sum(keys * dcontext[:, None, :], axis=2)
    de = alpha * (dalpha - np.sum(dalpha * alpha, axis=1, keepdims=True))
    dv = np.einsum('bt,bta->a', de, act)
    dact = de[:, :, None] * v
    dpre = dact * (1 - pre ** 2)
    dq_proj = dpre.sum(axis=1)
    dWq = query.T @ dq_proj
    dquery = dq_proj @ Wq.T
    dWk = np.einsum('btd,bta->da', keys, dpre)
    dkeys = dkeys + dpre @ Wk.T
    return dquery, dkeys, dWq, dWk, dv


rng = np.random.default_rng(60)
SUBJECT = dict(forward=bahdanau_forward, backward=bahdanau_backward, inputs=(
    rng.normal(size=(2, 3)), rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 5)) * .5,
    rng.normal(size=(3, 5)) * .5, rng.normal(size=5)))
