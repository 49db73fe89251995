import numpy as np


def composite(sigma, color, delta):
    """sigma (R, S), color (R, S, 3), delta (S,): weights = T_i (1 - exp(-sigma_i delta_i))"""
    tau = sigma * delta
    cum = np.cumsum(tau, axis=1)
    trans = np.exp(-(cum - tau))                # transmittance before the sample
    w = trans - np.exp(-cum)
    return np.einsum('rs,rsc->rc', w, color), (sigma, color, delta, cum, trans, w)


def composite_backward(g, cache):
    sigma, color, delta, cum, trans, w = cache
    dcolor = w[:, :, None] * g[:, None, :]
    dw = np.einsum('rsc,rc->rs', color, g)
    through = dw * w
    later = through.sum(axis=1, keepdims=True) - np.cumsum(through, axis=1)
    dtau = dw * np.exp(-cum) - later
    return dtau * delta, dcolor, (dtau * sigma).sum(axis=0)


rng = np.random.default_rng(154)
SUBJECT = dict(forward=composite, backward=composite_backward,
               inputs=(rng.uniform(0.1, 2, size=(3, 5)), rng.uniform(size=(3, 5, 3)), rng.uniform(.1, .5, size=5)))
