import numpy as np


def groupnorm(x, gamma, beta, groups):
    N, C = x.shape[:2]
    v = x.reshape(N, groups, -1)
    m = v.shape[-1]
    c = v - np.einsum('ngk->ng', v)[..., None] / m
    norm = np.sqrt(np.einsum('ngk,ngk->ng', c, c) / m + 1e-5)
    h = (c / norm[..., None]).reshape(x.shape)
    y = h * gamma[:, None, None]
    return y + beta[:, None, None], dict(h=h, norm=norm, gamma=gamma, groups=groups)


def groupnorm_grad(dy, st):
    h, groups = st['h'], st['groups']
    N = len(dy)
    grads = [None, np.einsum('nchw,nchw->c', dy, h), np.einsum('nchw->c', dy), None]
    d = np.einsum('nchw,c->nchw', dy, st['gamma']).reshape(N, groups, -1)
    u = h.reshape(d.shape)
    m = d.shape[-1]
    d = d - d.sum(-1, keepdims=True) / m
    d = d - u * np.einsum('ngk,ngk->ng', u, d)[..., None] / m
    grads[0] = (d / st['norm'][..., None]).reshape(dy.shape)
    return grads


rng = np.random.default_rng(133)
SUBJECT = dict(forward=groupnorm, backward=groupnorm_grad,
               inputs=(rng.normal(size=(2, 4, 3, 3)), rng.normal(size=4), rng.normal(size=4), 2))
