import numpy as np


class TripletLoss:
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, anchor, positive, negative):
        self.ap = anchor - positive
        self.an = anchor - negative
        d_pos = np.sum(self.ap ** 2, axis=1)
        d_neg = np.sum(self.an ** 2, axis=1)
        hinge = d_pos - d_neg + self.margin
        self.active = (hinge > 0).astype(float)[:, None]
        return np.maximum(hinge, 0).mean()

    def backward(self, grad_output):
        scale = 2 * grad_output * self.active / len(self.ap)
        d_anchor = scale * (self.ap - self.an)
        d_negative = scale * self.an
        d_positive = -scale * self.ap
        return d_anchor, d_negative, d_positive


rng = np.random.default_rng(90)
a = rng.standard_normal((4, 5))
p = a + 0.8 * rng.standard_normal((4, 5))
n = a + 0.8 * rng.standard_normal((4, 5))
loss = TripletLoss(margin=2.0)
SUBJECT = dict(forward=loss.forward, backward=loss.backward, inputs=(a, p, n))
