import numpy as np


def mean_and_variance(x):
    batch, filters, spatial = x.shape
    mean, variance = np.zeros(filters), np.zeros(filters)
    for f in range(filters):
        mean[f] = x[:, f].sum() / (batch * spatial)
        variance[f] = ((x[:, f] - mean[f]) ** 2).sum() / (batch * spatial)
    return mean, variance


def forward(x, scales, biases):
    mean, variance = mean_and_variance(x)
    x_norm = (x - mean[:, None]) / np.sqrt(variance[:, None] + .00001)
    return x_norm * scales[:, None] + biases[:, None], (x, x_norm, scales, mean, variance)


def backward(delta, cache):
    x, x_norm, scales, mean, variance = cache
    batch, filters, spatial = x.shape
    bias_updates = delta.sum(axis=2).sum(axis=0)
    scale_updates = (delta * x_norm).sum(axis=2).sum(axis=0)
    delta = delta * scales[:, None]
    mean_delta, variance_delta = np.zeros(filters), np.zeros(filters)
    for f in range(filters):
        mean_delta[f] = delta[:, f].sum() * (-1. / np.sqrt(variance[f] + .00001))
        variance_delta[f] = (delta[:, f] * (x[:, f] - mean[f])).sum() * -.5 * (variance[f] + .00001) ** -1.5
    n = spatial * batch
    out = (delta / np.sqrt(variance[:, None] + .00001)
           + variance_delta[:, None] * 2. * (x - mean[:, None]) / n + mean_delta[:, None] / n)
    return out, scale_updates, bias_updates


rng = np.random.default_rng(72)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((2, 3, 6)) + 0.5, rng.uniform(0.5, 2, 3), rng.standard_normal(3)))
