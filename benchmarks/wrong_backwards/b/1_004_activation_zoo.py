import numpy as np

ACTS = {
    'elu': (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
            lambda z, a: np.where(z > 0, 1.0, a + 1)),
    'softplus': (lambda z: np.logaddexp(0, z), lambda z, a: 1 - np.exp(-a)),
    'tanh': (np.tanh, lambda z, a: 1 - a * a),
    'leaky': (lambda z: np.maximum(z, 0.2 * z), lambda z, a: np.where(a > 0, 1.0, 0.2)),
}


def forward(x, w):
    """3-tap convolution along the width, then another activation for every output channel"""
    L = x.shape[-1] - 2
    z = sum(np.einsum('ncl,fc->nfl', x[..., k:k + L], w[..., k]) for k in range(3))
    a = np.stack([fn(z[:, f]) for f, (fn, _) in enumerate(ACTS.values())], axis=1)
    return a, (x, w, z, a)


def backward(g, cache):
    x, w, z, a = cache
    L = g.shape[-1]
    dz = np.empty_like(g)
    for f, name in enumerate(ACTS):
        dz[:, f] = g[:, f] * ACTS[name][1](z[:, f], a[:, f])
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for k in range(3):
        dx[..., k:k + L] += np.einsum('nfl,fc->ncl', dz, w[..., k])
        dw[..., k] += np.einsum('nfl,ncl->fc', dz, x[..., k:k + L])
    return dx, dw


rng = np.random.default_rng(153)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(2, 3, 7)), rng.normal(size=(4, 3, 3))))
