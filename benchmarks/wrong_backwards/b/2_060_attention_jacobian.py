import numpy as np


def self_attention(x, Wqkv):
    """x (B, T, D), Wqkv (D, 3*D), causal"""
    B, T, D = x.shape
    q, k, v = np.split(x @ Wqkv, 3, axis=-1)
    att = np.zeros((B, T, T))
    for b in range(B):
        for t in range(T):
            s = k[b, :t + 1] @ q[b, t] / np.sqrt(D)
            e = np.exp(s - s.max())
            att[b, t, :t + 1] = e / e.sum()
    return att @ v, (x, Wqkv, q, k, v, att)


def self_attention_backward(dout, cache):
    x, Wqkv, q, k, v, att = cache
    B, T, D = x.shape
    dqkv = np.zeros((B, T, 3 * D))
    dq, dk, dv = (dqkv[..., i * D:(i + 1) * D] for i in range(3))     # views
    dv += att.transpose(0, 2, 1) @ dout
    for b in range(B):
        for t in range(T):
            p = att[b, t]
            jac = np.diag(p) - np.outer(p, p)
            ds = jac @ (v[b] @ dout[b, t]) / np.sqrt(D)
            dq[b, t] += ds @ k[b]
            dk[b] += np.outer(ds, q[b, t])
    dW = np.tensordot(x, dqkv, axes=([0, 1], [0, 1]))
    return dqkv @ Wqkv.T, dW


rng = np.random.default_rng(136)
SUBJECT = dict(forward=self_attention, backward=self_attention_backward,
               inputs=(rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 9)) * .6))
