import numpy as np


def log_softmax(a):
    a = a - a.max(1, keepdims=True)
    return a - np.log(np.exp(a).sum(1, keepdims=True))


def distill(student, teacher, T=2.0):
    """T^2 * KL(teacher || student), batch mean"""
    ls, lt = log_softmax(student / T), log_softmax(teacher / T)
    per_class = np.exp(lt) * (lt - ls)
    return T * T * per_class.sum() / len(student), (ls, lt, per_class, T)


def distill_backward(g, cache):
    ls, lt, per_class, T = cache
    scale = g * T / len(ls)
    ps, pt = np.exp(ls), np.exp(lt)
    dstudent = scale * (ps - pt)
    dteacher = scale * (per_class - pt * per_class.sum(axis=1, keepdims=True))
    return dstudent, dteacher


rng = np.random.default_rng(148)
SUBJECT = dict(forward=distill, backward=distill_backward,
               inputs=(rng.normal(size=(3, 5)), rng.normal(size=(3, 5))))
