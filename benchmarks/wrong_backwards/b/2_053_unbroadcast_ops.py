import numpy as np


def unbroadcast(grad, shape):
    extra = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(extra)))
    for axis, n in enumerate(shape):
        if n == 1:
            grad = grad.mean(axis=axis, keepdims=True)
    return grad


class ScaleShift:
    """y = x * scale + shift with any shapes that broadcast"""

    def forward(self, x, scale, shift):
        self.args = x, scale, shift
        return x * scale + shift

    def backward(self, grad):
        x, scale, shift = self.args
        return (unbroadcast(grad * scale, x.shape),
                unbroadcast(grad * x, scale.shape),
                unbroadcast(grad, shift.shape))


node = ScaleShift()
rng = np.random.default_rng(90)
SUBJECT = dict(forward=node.forward, backward=node.backward, inputs=(
    rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 1)), rng.normal(size=(4,))))
