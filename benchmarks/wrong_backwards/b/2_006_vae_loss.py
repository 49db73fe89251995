import numpy as np


class VAEHead:
    def __init__(self, shape, seed):
        self.noise = np.random.default_rng(seed).standard_normal(shape)

    def forward(self, mu, logvar, W, target):
        std = np.exp(0.5 * logvar)
        z = mu + std * self.noise
        recon = z @ W
        diff = recon - target
        mse = 0.5 * np.sum(diff ** 2)
        kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))
        self.ctx = mu, logvar, std, z, W, diff
        return (mse + kl) / len(mu)

    def backward(self, dloss):
        mu, logvar, std, z, W, diff = self.ctx
        s = dloss / len(mu)
        dz = diff @ W.T
        dmu = s * (dz + mu)
        dlogvar = s * (0.5 * dz * self.noise * std + 0.5 * (std ** 2 - 1))
        return dmu, dlogvar, s * z.T @ diff, -s * diff


head = VAEHead((3, 2), 0)
rng = np.random.default_rng(132)
SUBJECT = dict(forward=head.forward, backward=head.backward, inputs=(
    rng.normal(size=(3, 2)), 0.3 * rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))))
