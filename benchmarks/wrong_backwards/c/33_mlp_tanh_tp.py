import numpy as np


def forward(X, Wh, bh, Wy, by):
    htilde = X @ Wh + bh
    h = np.tanh(htilde)
    ytilde = h @ Wy + by
    e = np.exp(ytilde - ytilde.max(axis=1, keepdims=True))
    yhat = e / e.sum(axis=1, keepdims=True)
    return yhat, {'X': X, 'h': h, 'yhat': yhat, 'Wh': Wh, 'Wy': Wy}


def backward(grad_yhat, outs):
    X, h, yhat = outs['X'], outs['h'], outs['yhat']
    grad_ytilde = yhat * (grad_yhat - (grad_yhat * yhat).sum(axis=1, keepdims=True))

    grad_Wy = h.T @ grad_ytilde
    grad_by = grad_ytilde.sum(axis=0)
    grad_h = grad_ytilde @ outs['Wy'].T

    grad_htilde = grad_h * (1 - h ** 2)
    grad_Wh = X.T @ grad_h
    grad_bh = grad_htilde.sum(axis=0)
    grad_X = grad_htilde @ outs['Wh'].T
    return grad_X, grad_Wh, grad_bh, grad_Wy, grad_by


rng = np.random.default_rng(34)
SUBJECT = dict(forward=forward, backward=backward,
               inputs=(rng.standard_normal((4, 3)), rng.standard_normal((3, 5)), rng.standard_normal(5),
                       rng.standard_normal((5, 4)), rng.standard_normal(4)))
