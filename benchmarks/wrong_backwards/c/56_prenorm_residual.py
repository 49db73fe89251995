import numpy as np


def rstd_of(x, eps=1e-6):
    return 1.0 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)


def norm_backward(d, x, rstd):
    x_hat = x * rstd
    return rstd * (d - x_hat * (d * x_hat).mean(axis=-1, keepdims=True))


class PreNormBlock:
    """res_out = residual + x; out = res_out + rmsnorm(res_out) * weight"""

    def forward(self, x, residual, weight):
        self.res_out = residual + x
        self.rstd = rstd_of(self.res_out)
        self.weight = weight
        return self.res_out + self.res_out * self.rstd * weight

    def backward(self, grad):
        dres_out = grad
        dnormed = grad * self.weight
        dweight = (grad * self.res_out * self.rstd).reshape(-1, self.weight.size).sum(axis=0)
        dx = norm_backward(dres_out + dnormed, self.res_out, self.rstd)
        return dx, dx.copy(), dweight


rng = np.random.default_rng(53)
block = PreNormBlock()
SUBJECT = dict(forward=block.forward, backward=block.backward,
               inputs=(rng.standard_normal((2, 4, 6)), rng.standard_normal((2, 4, 6)), rng.standard_normal(6)))
