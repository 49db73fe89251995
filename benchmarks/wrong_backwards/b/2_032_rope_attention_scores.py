import numpy as np


def to_complex(x):
    return x[..., 0::2] + 1j * x[..., 1::2]


def to_real(z):
    out = np.empty(z.shape[:-1] + (2 * z.shape[-1],))
    out[..., 0::2], out[..., 1::2] = z.real, z.imag
    return out


def rope_scores(q, k, base=100.0):
    T, d = q.shape[-2:]
    theta = base ** (-np.arange(0, d, 2) / d)
    rot = np.exp(1j * np.outer(np.arange(T), theta))
    qr, kr = to_real(to_complex(q) * rot), to_real(to_complex(k) * rot)
    return qr @ kr.swapaxes(-1, -2), (qr, kr, rot)


def rope_scores_backward(g, cache):
    qr, kr, rot = cache
    dqr = g @ kr
    dkr = g.swapaxes(-1, -2) @ qr
    unrot = rot.conj()
    return to_real(to_complex(dqr) * unrot), to_real(to_complex(dkr) * unrot)


rng = np.random.default_rng(138)
SUBJECT = dict(forward=rope_scores, backward=rope_scores_backward,
               inputs=(rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 4, 6))))
