import numpy as np


def swiglu_forward(x, Wg, Wu, Wd):
    u = x @ Wg
    s = 1.0 / (1.0 + np.exp(-u))
    gate = u * s
    up = x @ Wu
    hidden = gate * up
    y = hidden @ Wd
    ctx = dict(x=x, u=u, s=s, gate=gate, up=up, hidden=hidden, Wg=Wg, Wu=Wu, Wd=Wd)
    return y, ctx


def swiglu_backward(dy, ctx):
    x, s = ctx['x'], ctx['s']
    dWd = np.einsum('bth,btd->hd', ctx['hidden'], dy)
    dhidden = dy @ ctx['Wd'].T
    dup = dhidden * ctx['gate']
    dgate = dhidden * ctx['up']
    du = dgate * s * (1 - s)
    dWg = np.einsum('btd,bth->dh', x, du)
    dWu = np.einsum('btd,bth->dh', x, dup)
    dx = du @ ctx['Wg'].T + dup @ ctx['Wu'].T
    return dx, dWg, dWu, dWd


rng = np.random.default_rng(98)
SUBJECT = dict(forward=swiglu_forward, backward=swiglu_backward, inputs=(
    rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.normal(size=(5, 4))))
