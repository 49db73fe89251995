import numpy as np


def silu(x):
    return x / (1.0 + np.exp(-x))


def silu_grad(x):
    e = np.exp(-x)
    return 1.0 + e + x * e / (1.0 + e) ** 2


def ffn(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate, x @ w_up
    hidden = silu(gate) * up
    return hidden @ w_down, dict(x=x, gate=gate, up=up, hidden=hidden, w=(w_gate, w_up, w_down))


def ffn_backward(dout, c):
    w_gate, w_up, w_down = c['w']
    flat = lambda t: t.reshape(-1, t.shape[-1])
    d_down = flat(c['hidden']).T @ flat(dout)
    d_hidden = dout @ w_down.T
    d_up = d_hidden * silu(c['gate'])
    d_gate = d_hidden * c['up'] * silu_grad(c['gate'])
    dx = d_up @ w_up.T + d_gate @ w_gate.T
    return dx, flat(c['x']).T @ flat(d_gate), flat(c['x']).T @ flat(d_up), d_down


rng = np.random.default_rng(61)
SUBJECT = dict(forward=ffn, backward=ffn_backward,
               inputs=(rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 6)), rng.standard_normal((4, 6)), rng.standard_normal((6, 4))))
