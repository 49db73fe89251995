import numpy as np


def forward(mean, conic, opacity, pixels):
    """Alpha of every splat at every pixel. conic holds (a, b, c) of [[a, b], [b, c]]."""
    d = pixels[None, :, :] - mean[:, None, :]
    a, b, c = (conic[:, k:k + 1] for k in range(3))
    power = -0.5 * (a * d[..., 0] ** 2 + c * d[..., 1] ** 2) - b * d[..., 0] * d[..., 1]
    G = np.exp(power)
    return opacity[:, None] * G, (d, conic, opacity, G)


def backward(grad, cache):
    d, conic, opacity, G = cache
    a, b, c = (conic[:, k:k + 1] for k in range(3))
    dx, dy = d[..., 0], d[..., 1]
    d_opacity = (grad * G).sum(axis=1)
    dG = grad * opacity[:, None]
    u = dG * G
    d_conic = np.stack([
        np.sum(-0.5 * u * dx * dx, axis=1),
        np.sum(-0.5 * u * dx * dy, axis=1),
        np.sum(-0.5 * u * dy * dy, axis=1),
    ], axis=1)
    slope_x = a * dx + b * dy
    slope_y = c * dy + b * dx
    d_mean = np.stack([(u * slope_x).sum(axis=1), (u * slope_y).sum(axis=1)], axis=1)
    return d_mean, d_conic, d_opacity, None


rng = np.random.default_rng(44)
gx, gy = np.meshgrid(np.arange(4), np.arange(3), indexing='ij')
pixels = np.stack([gx.ravel(), gy.ravel()], axis=1)
conic = np.stack([rng.uniform(0.4, 0.9, 3), rng.uniform(-0.2, 0.2, 3), rng.uniform(0.4, 0.9, 3)], axis=1)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.uniform(0, 3, (3, 2)), conic, rng.uniform(0.2, 0.9, 3), pixels))
