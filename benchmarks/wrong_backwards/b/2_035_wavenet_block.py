import numpy as np


def shift(x, n):
    out = np.zeros_like(x)
    out[..., n:] = x[..., :-n]
    return out


def unshift(g, n):
    out = np.zeros_like(g)
    out[..., :-n] = g[..., n:]
    return out


def block_forward(x, Wf, Wg, dilation=2):
    # x: (N, C, T); Wf, Wg: (2, C, C) for the present and the past sample
    past = shift(x, dilation)
    f = np.tanh(np.einsum('nct,ck->nkt', x, Wf[0]) + np.einsum('nct,ck->nkt', past, Wf[1]))
    g = 1 / (1 + np.exp(-(np.einsum('nct,ck->nkt', x, Wg[0]) + np.einsum('nct,ck->nkt', past, Wg[1]))))
    return x + f * g, (x, past, Wf, Wg, f, g, dilation)


def block_backward(dout, cache):
    x, past, Wf, Wg, f, g, dilation = cache
    daf = dout * g * (1 - f * f)
    dag = dout * f * g * (1 - g)
    dx = dout.copy()
    dpast = np.zeros_like(past)
    grads = []
    for da, W in ((daf, Wf), (dag, Wg)):
        dx += np.einsum('nkt,ck->nct', da, W[0])
        dpast += np.einsum('nkt,ck->nct', da, W[1])
        grads.append(np.stack([np.einsum('nct,nkt->ck', src, da) for src in (x, past)]))
    dx += unshift(dpast, dilation)
    return (dx, *grads)


rng = np.random.default_rng(118)
SUBJECT = dict(forward=block_forward, backward=block_backward, inputs=(
    rng.normal(size=(2, 3, 7)), rng.normal(size=(2, 3, 3)) * .5, rng.normal(size=(2, 3, 3)) * .5))
