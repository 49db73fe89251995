import numpy as np


def masked_softmax_forward(scores, causal=True):
    """scores: (B, heads, T, T)"""
    T = scores.shape[-1]
    if causal:
        blocked = np.triu(np.ones((T, T), dtype=bool), k=1)
        scores = np.where(blocked, -1e9, scores)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    probs = e / e.sum(axis=-1, keepdims=True)
    return probs, {"probs": probs, "causal": causal}


def masked_softmax_backward(dprobs, cache):
    probs = cache["probs"]
    inner = dprobs * probs
    total = inner.sum(axis=-2, keepdims=True)
    dscores = inner - probs * total
    if cache["causal"]:
        T = probs.shape[-1]
        dscores = dscores * np.tril(np.ones((T, T)))
    return dscores


rng = np.random.default_rng(54)
scores = rng.standard_normal((2, 2, 4, 4))
SUBJECT = dict(forward=masked_softmax_forward, backward=masked_softmax_backward, inputs=(scores,))
