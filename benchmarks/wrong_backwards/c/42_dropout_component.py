import numpy as np


class DropoutComponent:
    """Multiplies by a given 0/scale mask."""

    def __init__(self, mask):
        self.mask = mask

    def propagate(self, in_value):
        self.in_value = in_value
        self.out_value = in_value * self.mask
        return self.out_value

    def backprop(self, out_deriv):
        zero = self.in_value == 0
        safe = np.where(zero, 1.0, self.in_value)
        ratio = self.out_value / safe
        return np.where(zero, out_deriv, out_deriv * ratio)


rng = np.random.default_rng(41)
features = np.maximum(rng.standard_normal((4, 8)), 0.0)
drop = DropoutComponent((rng.random((4, 8)) < 0.7) / 0.7)
SUBJECT = dict(forward=drop.propagate, backward=drop.backprop, inputs=(features,))
