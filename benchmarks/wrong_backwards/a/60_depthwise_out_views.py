import numpy as np


def dwconv(x, k, b, conv_param):
    s = conv_param.get('stride', 1)
    kh, kw, C = k.shape
    oh, ow = (x.shape[1] - kh) // s + 1, (x.shape[2] - kw) // s + 1
    y = np.tile(b, (len(x), oh, ow, 1))
    for a in range(kh):
        for c in range(kw):
            np.add(y, x[:, a:a + s * oh:s, c:c + s * ow:s] * k[a, c], out=y)
    return y, [x, k, s]


def dwconv_backward(dy, cache):
    x, k, s = cache
    _, oh, ow, _ = dy.shape
    dx = np.zeros(x.shape)
    dk = []
    for a in range(k.shape[0]):
        row = []
        for c in range(k.shape[1]):
            view = dx[:, a:a + s * oh:s, c:c + s * ow:s]
            np.add(view, dy * k[a, c], out=view)
            row.append(np.einsum('nhwc,nhwc->c', dy, x[:, a:a + s * oh:s, c:c + s * ow:s]))
        dk.append(row)
    return [dx, np.array(dk), dy.reshape(-1, dy.shape[-1]).sum(0)]


rng = np.random.default_rng(91)
SUBJECT = dict(forward=dwconv, backward=dwconv_backward,
               inputs=(rng.standard_normal((2, 6, 7, 3)), rng.standard_normal((3, 2, 3)), rng.standard_normal(3)),
               params={'conv_param': {'stride': 2}}, names=['x', 'k', 'b'])
