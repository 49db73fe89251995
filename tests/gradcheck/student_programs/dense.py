"""Five students who wrote a fully connected layer, and three who broadcast."""
# Students' own style is the point of these files: no annotations, capital letters, and loops,
# names left unused, detours that no reviewer would let pass.
# ruff: noqa: N803, N806, RUF059
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from tests.gradcheck.student_programs.student_program import Array, StudentProgram

# ------------------------------------------------------------- CS231n, by way of Keras


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = dout.T.dot(x.reshape(x.shape[0], -1))
    db = np.sum(dout, axis=0)
    return dx, dw, db


# ------------------------------------------------------- a square recurrent-like weight


class Linear:
    def __init__(self, weight, bias):
        self.weight = weight
        self.bias = bias

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad):
        self.grad_weight = grad.T @ self.x
        self.grad_bias = grad.sum(0)
        return grad @ self.weight.T


def hidden_forward(x, w, b):
    layer = Linear(w, b)
    return layer.forward(x), layer


def hidden_backward(grad, layer):
    grad_x = layer.backward(grad)
    return grad_x, layer.grad_weight, layer.grad_bias


# ------------------------------------------------------------------------- two one-liners

fc = lambda x, w, b: (np.einsum("ni,oi->no", x, w) + b, (x, w))  # noqa: E731
fc_grad = lambda g, c: (g @ c[1], np.einsum("no,ni->oi", g, c[0]), g.mean(axis=0))  # noqa: E731


# -------------------------------------------------------------- samples in columns, 1/m


def linear_activation_forward(A_prev, W, b):
    Z = np.dot(W, A_prev) + b
    assert Z.shape == (W.shape[0], A_prev.shape[1])
    return Z, (A_prev, W, b)


def linear_activation_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1.0 / m * np.dot(dZ, A_prev.T)
    db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    assert dA_prev.shape == A_prev.shape
    assert dW.shape == W.shape
    assert db.shape == b.shape
    return dA_prev, dW, db


# ------------------------------------------------------ the penalty, in the backward only


def fully_connected_forward(x, W, b, reg=0.1):
    return np.add(np.matmul(x, np.transpose(W)), b), {"x": x, "W": W, "reg": reg}


def fully_connected_backward(dy, cache):
    x, W, reg = cache["x"], cache["W"], cache["reg"]
    grads = {}
    grads["W"] = np.matmul(np.transpose(dy), x)
    grads["W"] += reg * W  # regularisation
    grads["b"] = np.matmul(np.ones(len(dy)), dy)
    return np.matmul(dy, W), grads["W"], grads["b"]


# --------------------------------------------------------------------------- broadcasting


class BiasLayer:
    def forward(self, x, b):
        self.shape = b.shape
        return x + b[np.newaxis, :, np.newaxis, np.newaxis]

    def backward(self, dout):
        # d(x + b)/dx = 1 and d(x + b)/db = 1
        return 1.0 * dout, 1.0 * dout


def bias_forward(x, b):
    layer = BiasLayer()
    return layer.forward(x, b), layer


def bias_backward(dout, layer):
    return layer.backward(dout)


def gate_forward(x, gate):
    """Spatial attention: one gate for each pixel, the same for all channels."""
    return x * gate, (x, gate)


def gate_backward(dout, cache):
    x, gate = cache
    dgate = dout * x
    dgate = dgate[:, :1]  # (N, C, H, W) -> (N, 1, H, W), the shape of gate
    return dout * gate, dgate


def scale_forward(x, gamma, beta):
    g = gamma.reshape(1, -1, 1, 1)
    return g * x + beta.reshape(1, -1, 1, 1), (x, g)


def scale_backward(dout, cache):
    x, g = cache
    dbeta = dout.sum(axis=(0, 2, 3))
    dx = dout
    dx *= g
    dgamma = (dout * x).sum(axis=(0, 2, 3))
    return dx, dgamma, dbeta


# --------------------------------------------------------------------------------- draws


def draw_affine(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(5, 7)), rng.normal(size=(7, 3)), rng.normal(size=3)], {}


def draw_square(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(5, 4)), rng.normal(size=(4, 4)), rng.normal(size=4)], {}


def draw_linear(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(5, 7)), rng.normal(size=(3, 7)), rng.normal(size=3)], {}


def draw_columns(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(4, 6)), rng.normal(size=(3, 4)), rng.normal(size=(3, 1))], {}


def draw_decayed(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return draw_linear(rng)[0], {"reg": 0.3}


def draw_bias(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(2, 3, 4, 5)), rng.normal(size=3)], {}


def draw_gate(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    return [rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 1, 4, 5))], {}


def draw_scale(rng: np.random.Generator) -> tuple[list[Array], dict[str, Any]]:
    gamma = rng.uniform(1.5, 2.5, size=3) * rng.choice([-1.0, 1.0], size=3)
    return [rng.normal(size=(2, 3, 4, 5)), gamma, rng.normal(size=3)], {}


DENSE = (
    StudentProgram(
        "affine-weight-gradient-transposed",
        "affine",
        "B1",
        ("B9",),
        "dw is dout.T @ x, of shape (M, D), for a weight of shape (D, M).",
        affine_forward,
        affine_backward,
        draw_affine,
    ),
    StudentProgram(
        "linear-class-same-transpose-both-ways",
        "linear",
        "B2",
        (),
        "dx multiplies by W.T as the forward does; the weight is square, so nothing complains.",
        hidden_forward,
        hidden_backward,
        draw_square,
    ),
    StudentProgram(
        "linear-one-liner-bias-mean",
        "linear",
        "G5",
        ("A2",),
        "The bias gradient is averaged over the batch, not summed.",
        fc,
        fc_grad,
        draw_linear,
    ),
    StudentProgram(
        "dense-columns-one-over-m-again",
        "dense_columns",
        "A2",
        ("G5",),
        "dW and db are divided by the batch size, which the mean loss has already done.",
        linear_activation_forward,
        linear_activation_backward,
        draw_columns,
    ),
    StudentProgram(
        "linear-penalty-in-backward-only",
        "linear",
        None,
        ("A5",),
        "dW contains reg * W although no penalty is in the forward.",
        fully_connected_forward,
        fully_connected_backward,
        draw_decayed,
    ),
    StudentProgram(
        "bias-class-not-summed-at-all",
        "bias_add",
        "G2",
        ("G1",),
        "The bias gets the whole upstream gradient, not its sum over all but the channels.",
        bias_forward,
        bias_backward,
        draw_bias,
    ),
    StudentProgram(
        "gate-first-channel-taken",
        "multiply",
        "G3",
        (),
        "The gate's axis of length 1 gets channel 0 instead of the sum over channels.",
        gate_forward,
        gate_backward,
        draw_gate,
    ),
    StudentProgram(
        "scale-dx-is-dout-in-place",
        "channel_scale",
        "H1",
        ("H2", "A12"),
        "dx is dout itself, and is scaled in place before dgamma is computed from dout.",
        scale_forward,
        scale_backward,
        draw_scale,
    ),
)
