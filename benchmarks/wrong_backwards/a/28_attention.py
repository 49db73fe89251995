import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention_forward(Q, K, V, mask):
    scale = 1.0 / np.sqrt(Q.shape[-1])
    scores = np.einsum('bqd,bkd->bqk', Q, K) * scale
    scores = np.where(mask, scores, -1e9)
    A = softmax(scores)
    return A @ V, (Q, K, V, A, mask, scale)


def attention_backward(dout, cache):
    Q, K, V, A, mask, scale = cache
    dV = A.swapaxes(1, 2) @ dout
    dA = dout @ V.swapaxes(1, 2)
    dS = A * (dA - np.sum(A * dA, axis=-1, keepdims=True))
    dS = np.where(mask, dS, 0.0)
    dQ = np.einsum('bqk,bkd->bqd', dS, K) * scale
    dK = np.einsum('bqk,bqd->bkd', dS, Q)
    return dQ, dK, dV


rng = np.random.default_rng(48)
causal = np.tril(np.ones((4, 4), dtype=bool))
SUBJECT = dict(forward=attention_forward, backward=attention_backward,
               inputs=(rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 4, 5)),
                       causal))
