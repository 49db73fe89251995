import numpy as np


class CrossEntropyLoss:
    def __init__(self, reduction='mean'):
        self.reduction = reduction

    def forward(self, logits, targets):
        n = logits.shape[0]
        z = logits - logits.max(axis=1, keepdims=True)
        self.softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        self.targets = targets
        losses = -np.log(self.softmax[np.arange(n), targets])
        if self.reduction == 'mean':
            return losses.mean()
        if self.reduction == 'sum':
            return losses.sum()
        return losses

    def backward(self, grad_output):
        n = len(self.targets)
        upstream = np.ravel(grad_output)
        grad = self.softmax.copy()
        grad[np.arange(n), self.targets] -= 1.0
        if self.reduction == 'none':
            return grad * upstream[0] / n
        scale = upstream[0] / n if self.reduction == 'mean' else upstream[0]
        return grad * scale


rng = np.random.default_rng(60)
criterion = CrossEntropyLoss(reduction='none')
SUBJECT = dict(forward=criterion.forward, backward=criterion.backward,
               inputs=(rng.standard_normal((4, 5)), np.array([1, 0, 3, 3])))
