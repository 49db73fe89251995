"""Four students who wrote a nonlinearity, two a dropout and six a loss."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass. Dropout as in CS231n seeds the old
# global generator of NumPy.
# ruff: noqa: ARG002, N803, N806, NPY002, RET504, RUF059
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from tests.gradcheck.student_programs.student_program import Array, StudentProgram, maps, spread

# -------------------------------------------------------------------------------- relu


class ReLU:
    def forward(self, x):
        out = x.copy()
        out[out < 0] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[dout <= 0] = 0
        return dx


def relu_forward(x):
    layer = ReLU()
    return layer.forward(x), layer


def relu_backward(dout, layer):
    return layer.backward(dout)


def leaky_forward(x, alpha=0.1):
    return np.where(x > 0, x, alpha * x), (x, alpha)


def leaky_backward(dout, cache):
    x, alpha = cache
    dx = dout * np.where(x > 0, 1, alpha * x)
    return (dx,)


# ----------------------------------------------------------------------------- sigmoid


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    """Derivative of the sigmoid function."""
    return sigmoid(z) * (1 - sigmoid(z))


class SigmoidLayer:
    def __init__(self):
        self.out = None

    def forward(self, z):
        self.out = sigmoid(z)
        return self.out

    def backward(self, delta):
        return delta * sigmoid_prime(self.out)


def sigmoid_layer_forward(z):
    layer = SigmoidLayer()
    return layer.forward(z), layer


def sigmoid_layer_backward(delta, layer):
    return layer.backward(delta)


# -------------------------------------------------------------------------------- clip


def hardtanh(x, lo, hi):
    return np.clip(x, lo, hi), (x, lo, hi)


def hardtanh_grad(dout, cache):
    x, lo, hi = cache
    return (dout * (x > lo),)


# ----------------------------------------------------------------------------- dropout


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = None
    if mode == "train":
        mask = np.random.rand(*x.shape) < p
        out = x * mask / p
    elif mode == "test":
        out = x
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = None
    if dropout_param["mode"] == "train":
        dx = dout * mask
    elif dropout_param["mode"] == "test":
        dx = dout
    return dx


class Dropout:
    """p is the chance to be dropped."""

    def __init__(self, p, seed):
        self.p = p
        self.rng = np.random.default_rng(seed)

    def mask(self, shape):
        return (self.rng.random(shape) >= self.p) / (1 - self.p)

    def forward(self, x):
        return x * self.mask(x.shape)

    def backward(self, grad):
        return grad * self.mask(grad.shape)


def drop_forward(x, p, seed):
    layer = Dropout(p, seed)
    return layer.forward(x), layer


def drop_backward(grad, layer):
    return (layer.backward(grad),)


# ------------------------------------------------------------------------------ losses


def keras_loss(y_pred, y_true):
    y_true = np.eye(y_pred.shape[1])[y_true]
    e = np.exp(y_pred - y_pred.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.mean(np.sum(y_true * np.log(p), axis=-1)), (p, y_true)


def keras_loss_grad(upstream, cache):
    p, y_true = cache
    return upstream * (p - y_true), None


def log_softmax_nll(logits, target):
    m = np.max(logits, 1).reshape(-1, 1)
    logp = logits - m - np.log(np.sum(np.exp(logits - m), 1)).reshape(-1, 1)
    n = len(target)
    return -logp[range(n), target].mean(), (logp, target)


def log_softmax_nll_backward(g, cache):
    logp, target = cache
    n = len(target)
    return g * np.exp(logp) / n, None


def softmax_loss(x, y):
    shifted_logits = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
    log_probs = shifted_logits - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    return loss, (probs, y)


def softmax_loss_backward(dloss, cache):
    probs, y = cache
    N = probs.shape[0]
    dx = probs.copy()
    dx[:, y] -= 1
    dx /= N
    return dloss * dx, None


def stable_softmax(z):
    z = z - z.max(axis=1)[:, None]
    return np.exp(z) / np.exp(z).sum(axis=1)[:, None]


def xent_forward(scores, labels):
    prob = stable_softmax(scores)
    picked = np.array([prob[n, k] for n, k in enumerate(labels)])
    return np.mean(-np.log(picked)), (scores, labels)


def xent_backward(g, cache):
    scores, labels = cache
    e = np.exp(scores - scores.max())
    prob = e / np.sum(e, axis=0)
    onehot = np.zeros_like(prob)
    onehot[np.arange(len(labels)), labels] = 1
    return g * (prob - onehot) / len(labels), None


def costfun(theta_x, y):
    """Ported from Octave, where y is 1..K."""
    m, K = theta_x.shape
    h = np.exp(theta_x)
    h = h / np.tile(np.sum(h, 1).reshape(m, 1), (1, K))
    J = 0
    for i in range(m):
        for k in range(K):
            if y[i] == k:
                J = J - np.log(h[i, k])
    return J / m, (h, y)


def costfun_grad(dJ, cache):
    h, y = cache
    m, K = h.shape
    indicator = np.zeros((m, K))
    for i in range(1, m + 1):
        indicator[i - 1, y[i - 1] - 1] = 1
    return dJ * (h - indicator) / m, None


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        x = x - np.max(x, axis=-1, keepdims=True)
        self.y = np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)
        batch_size = self.y.shape[0]
        self.loss = -np.sum(np.log(self.y[np.arange(batch_size), self.t])) / batch_size
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = self.y.copy()
        dx[np.arange(batch_size), self.t] -= 1
        dx = dx / batch_size
        return dx


def swl_forward(x, t):
    layer = SoftmaxWithLoss()
    return layer.forward(x, t), layer


def swl_backward(dout, layer):
    return layer.backward(dout), None


# --------------------------------------------------------------------------------- draws


def draw_dropped(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    seed = int(rng.integers(1000))
    return [spread(rng, 6, 7)], {"dropout_param": {"mode": "train", "p": 0.6, "seed": seed}}


def draw_dropped_again(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [spread(rng, 6, 7)], {"p": 0.3, "seed": int(rng.integers(1000))}


def draw_scores(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    """Draw the first and the last class among the labels, and one class twice."""
    labels = np.array([0, 3, 1, 1, 2])
    return [rng.normal(size=(5, 4)) * 1.5, rng.permutation(labels)], {}


POINTWISE = (
    StudentProgram(
        "relu-class-mask-of-the-gradient",
        "relu",
        "E2",
        (),
        "The gradient is masked where the gradient, not the input, is negative.",
        relu_forward,
        relu_backward,
        maps(2, 3, 4, 5),
    ),
    StudentProgram(
        "leaky-where-alpha-times-x",
        "leaky_relu",
        None,
        ("A13",),
        "The slope on the negative side is alpha * x, the function itself, and not alpha.",
        leaky_forward,
        leaky_backward,
        maps(2, 3, 4, 5, alpha=0.1),
    ),
    StudentProgram(
        "sigmoid-class-prime-of-the-output",
        "sigmoid",
        "A13",
        (),
        "sigmoid_prime expects the input and gets the output.",
        sigmoid_layer_forward,
        sigmoid_layer_backward,
        maps(5, 7),
    ),
    StudentProgram(
        "clip-upper-bound-not-masked",
        "clip",
        "E3",
        ("E7",),
        "The gradient passes above the upper bound, where the output is constant.",
        hardtanh,
        hardtanh_grad,
        maps(5, 7, lo=-1.0, hi=1.2),
    ),
    StudentProgram(
        "dropout-cs231n-not-scaled-back",
        "dropout",
        "A7",
        (),
        "The forward divides by the keep probability, the backward does not.",
        dropout_forward,
        dropout_backward,
        draw_dropped,
    ),
    StudentProgram(
        "dropout-class-new-mask",
        "dropout",
        "A8",
        (),
        "Backward draws a new mask.",
        drop_forward,
        drop_backward,
        draw_dropped_again,
    ),
    StudentProgram(
        "xent-keras-mean-forgotten",
        "softmax_cross_entropy",
        "A1",
        (),
        "The loss is a mean over the batch, its gradient is not divided by the batch size.",
        keras_loss,
        keras_loss_grad,
        draw_scores,
    ),
    StudentProgram(
        "xent-nll-no-minus-one",
        "softmax_cross_entropy",
        "F3",
        (),
        "The gradient is the probabilities alone, without -1 at the label.",
        log_softmax_nll,
        log_softmax_nll_backward,
        draw_scores,
    ),
    StudentProgram(
        "xent-cs231n-whole-columns",
        "softmax_cross_entropy",
        "F4",
        (),
        "dx[:, y] -= 1 takes 1 off whole columns instead of one number in each row.",
        softmax_loss,
        softmax_loss_backward,
        draw_scores,
    ),
    StudentProgram(
        "xent-softmax-over-the-batch-in-backward",
        "softmax_cross_entropy",
        "F1",
        (),
        "Backward computes the probabilities again, normalised over the batch.",
        xent_forward,
        xent_backward,
        draw_scores,
    ),
    StudentProgram(
        "xent-octave-label-one-too-low",
        "softmax_cross_entropy",
        "B11",
        (),
        "The indicator of the label is set one column to the left, as if labels began at 1.",
        costfun,
        costfun_grad,
        draw_scores,
    ),
    StudentProgram(
        "xent-class-ignores-the-upstream",
        "softmax_cross_entropy",
        "A11",
        (),
        "The gradient that comes in is not used.",
        swl_forward,
        swl_backward,
        draw_scores,
    ),
)
