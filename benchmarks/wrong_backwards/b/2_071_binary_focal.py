import numpy as np


def logsig(z):
    return -np.logaddexp(0.0, -z)


def focal_with_logits(z, t, alpha=0.25, gamma=1.5):
    """t in {0, 1}; signs turn everything into the positive case"""
    s = np.where(t > 0, 1.0, -1.0)
    a = np.where(t > 0, alpha, 1 - alpha)
    m = s * z
    q = np.exp(logsig(m))              # probability of the right answer
    p = np.exp(logsig(-m))
    loss = -a * p ** gamma * logsig(m)
    return loss.sum(), (s, a, m, p, q, gamma)


def focal_with_logits_grad(g, cache):
    s, a, m, p, q, gamma = cache
    dm = a * p ** gamma * (gamma * q * logsig(m) - p)
    return g * s * dm, None


rng = np.random.default_rng(133)
z = rng.normal(size=(4, 3)) * 2
t = rng.integers(0, 2, size=(4, 3))
SUBJECT = dict(forward=focal_with_logits, backward=focal_with_logits_grad, inputs=(z, t))
