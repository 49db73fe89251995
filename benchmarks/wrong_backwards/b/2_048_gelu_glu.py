import math
import numpy as np

erf = np.vectorize(math.erf)


def gelu(x):
    phi = 0.5 * (1 + erf(x / math.sqrt(2)))
    return x * phi, lambda g: g * (phi + x * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def softplus(x):
    return np.logaddexp(x, 0), lambda g: g * 0.5 * (1 + np.tanh(x / 2))


def elu(x):
    y = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    return y, lambda g: g * np.where(x > 0, 1, y + 1)


def hardswish(x):
    inner = np.abs(x) < 3
    y = x * np.clip(x + 3, 0, 6) / 6
    return y, lambda g: g * np.where(inner, (2 * x + 3) / 6, x >= 3)


ACTS = [gelu, softplus, elu, hardswish]


def forward(x):
    outs, pulls = zip(*(act(part) for act, part in zip(ACTS, np.split(x, 4, axis=1))))
    return np.hstack(outs), pulls


def backward(g, pulls):
    return np.hstack([pull(part) for pull, part in zip(pulls, np.split(g, 4, axis=1))])


x = np.random.default_rng(155).normal(size=(3, 12)) * 2
SUBJECT = dict(forward=forward, backward=backward, inputs=(x,))
