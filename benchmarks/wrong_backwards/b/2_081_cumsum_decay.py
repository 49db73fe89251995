import numpy as np


def discounted_returns(rewards, gamma):
    """G_t = sum over s <= t of gamma^s r_s, shape (B, T)"""
    T = rewards.shape[1]
    disc = gamma ** np.arange(T)
    return np.cumsum(rewards * disc, axis=1), disc


def discounted_returns_backward(grad, disc):
    d = np.cumsum(grad[:, ::-1], axis=1)
    return d * disc


rng = np.random.default_rng(88)
rewards = rng.normal(size=(3, 6))
SUBJECT = dict(
    forward=discounted_returns,
    backward=discounted_returns_backward,
    inputs=(rewards, 0.9),
)
