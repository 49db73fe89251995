import numpy as np

SRC = np.array([0, 1, 1, 2, 3, 3, 4])
DST = np.array([1, 0, 2, 2, 2, 0, 3])


def gcn(h, W, edge_w):
    """out_v = silu(sum over edges u->v of edge_w * (h_u W))"""
    hw = h @ W
    msg = hw[SRC] * edge_w[:, None]
    agg = np.zeros_like(hw)
    np.add.at(agg, DST, msg)
    s = 1 / (1 + np.exp(-agg))
    return agg * s, (h, W, edge_w, hw, agg, s)


def gcn_backward(g, cache):
    h, W, edge_w, hw, agg, s = cache
    dagg = g * (s + agg * s * (1 - s))
    dmsg = dagg[DST]
    dedge = np.einsum('ed,ed->e', dmsg, hw[SRC])
    onehot = np.zeros((len(SRC), len(h)))
    onehot[np.arange(len(SRC)), SRC] = 1
    dhw = onehot.T @ (dmsg * edge_w[:, None])
    return dhw @ W.T, h.T @ dhw, dedge


rng = np.random.default_rng(152)
SUBJECT = dict(forward=gcn, backward=gcn_backward,
               inputs=(rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.uniform(.2, 1, 7)))
