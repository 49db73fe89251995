import numpy as np

src = np.array([0, 1, 2, 2, 3, 0, 1])
dst = np.array([1, 1, 0, 1, 2, 2, 2])


def seg_sum(v, n=3):
    out = np.zeros((n,) + v.shape[1:])
    np.add.at(out, dst, v)
    return out


def gat(h, a_src, a_dst):
    score = h[src] @ a_src + h[dst] @ a_dst
    e = np.where(score > 0, score, 0.2 * score)
    m = np.full(3, -np.inf)
    np.maximum.at(m, dst, e)
    w = np.exp(e - m[dst])
    alpha = w / seg_sum(w)[dst]
    return seg_sum(alpha[:, None] * h[src]), (h, a_src, a_dst, score, alpha)


def gat_backward(g, cache):
    h, a_src, a_dst, score, alpha = cache
    gd = g[dst]
    dalpha = (gd * h[src]).sum(1)
    de = alpha * (dalpha - seg_sum(alpha * dalpha)[dst])
    ds = de * np.where(score > 0, 1.0, 0.2)
    dh = np.zeros_like(h)
    np.add.at(dh, src, alpha[:, None] * gd + ds[:, None] * a_src)
    np.add.at(dh, dst, ds[:, None] * a_dst)
    return dh, h[src].T @ ds, h[dst].T @ ds


rng = np.random.default_rng(151)
SUBJECT = dict(forward=gat, backward=gat_backward,
               inputs=(rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=3)))
