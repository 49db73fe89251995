import numpy as np

y = np.array([2, 0, 1])


class SmoothCE:
    def __init__(self, n_classes, eps=0.1):
        self.k = n_classes
        self.eps = eps

    def targets(self):
        hard = np.eye(self.k)[y]
        return hard, (1 - self.eps) * hard + self.eps / self.k

    def forward(self, logits):
        hard, soft = self.targets()
        m = logits.max(axis=1, keepdims=True)
        lse = m + np.log(np.sum(np.exp(logits - m), axis=1, keepdims=True))
        self.logp = logits - lse
        return -(soft * self.logp).sum() / len(y)

    def backward(self, grad):
        hard, soft = self.targets()
        return grad * (np.exp(self.logp) - hard) / len(y)


ce = SmoothCE(4, eps=0.2)
x = np.random.default_rng(45).normal(size=(3, 4))
SUBJECT = dict(forward=ce.forward, backward=ce.backward, inputs=(x,))
