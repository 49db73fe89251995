import numpy as np


def cosine_forward(a, b, axis=-1):
    na = np.sqrt((a * a).sum(axis=axis, keepdims=True))
    nb = np.sqrt((b * b).sum(axis=axis, keepdims=True))
    cos = (a * b).sum(axis=axis, keepdims=True) / (na * nb)
    return cos.squeeze(axis), {'a': a, 'b': b, 'na': na, 'nb': nb, 'cos': cos, 'axis': axis}


def cosine_backward(dout, cache):
    a, b, na, nb, cos = (cache[k] for k in ('a', 'b', 'na', 'nb', 'cos'))
    g = np.expand_dims(dout, cache['axis'])
    da = g * (b / (na * nb) - cos * a / na ** 2)
    db = g * (a / (na * nb))
    return da, db


rng = np.random.default_rng(13)
SUBJECT = dict(forward=cosine_forward, backward=cosine_backward,
               inputs=(rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 4, 3))), params={'axis': 1})
