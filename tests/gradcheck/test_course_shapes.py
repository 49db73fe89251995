"""Programs in the shapes of courses, checked as they are: settings, layers, losses, labels."""
# ruff: noqa: N803, N806  names as courses have them

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import gradcheck
from minin.cli import main

RNG = np.random.default_rng(0)
SCORES, LABELS = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1])
ONE_HOT = np.eye(3)[LABELS]


def check(forward: Any, backward: Any, inputs: Any, **how: Any) -> gradcheck.Report:
    return gradcheck.check_backward(forward, backward, inputs, repair=False, **how)


def log_softmax(x: Any) -> Any:
    z = x - x.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


# ------------------------------------------------------------------ images with channels last


def conv_forward(A_prev: Any, W: Any, b: Any, hparameters: Any) -> Any:
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    rows, cols = ((n - f + 2 * p) // s + 1 for n in A_prev.shape[1:3])
    Z = np.zeros((len(A_prev), rows, cols, W.shape[3]))
    for i, h, w, c in np.ndindex(*Z.shape):
        part = padded[i, h * s : h * s + f, w * s : w * s + f]
        Z[i, h, w, c] = np.sum(part * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ: Any, cache: Any, add: bool = True) -> Any:
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    back, dW, db = np.zeros_like(padded), np.zeros_like(W), np.zeros_like(b)
    for i, h, w, c in np.ndindex(*dZ.shape):
        at = np.s_[i, h * s : h * s + f, w * s : w * s + f]
        back[at] = back[at] * add + W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[at] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return back[:, p : p + A_prev.shape[1], p : p + A_prev.shape[2]], dW, db


HYPER = {"pad": 1, "stride": 2}
IMAGES = (
    RNG.normal(size=(2, 5, 4, 3)),
    RNG.normal(size=(3, 3, 3, 4)),
    RNG.normal(size=(1, 1, 1, 4)),
)


@pytest.mark.parametrize("op", [None, "conv2d"])
@pytest.mark.parametrize("add", [True, False])
def test_hyperparameters_by_position_or_by_name(op: str | None, add: bool) -> None:
    def backward(grad: Any, cache: Any) -> Any:
        return conv_backward(grad, cache, add)

    by_place = check(conv_forward, backward, (*IMAGES, HYPER), op=op)
    by_name = check(conv_forward, backward, IMAGES, params={"hparameters": HYPER}, op=op)
    for report in (by_place, by_name):
        assert report.ok == add
        assert [line.argument for line in report.lines] == ["A_prev", "W", "b"]
        assert "pad 1 stride 2" in str(report)
        wrong = {f.argument for f in report.findings}
        assert wrong == (set() if add else {"A_prev"})


# ------------------------------------------------------------------- layers that keep things


class Affine:
    def __init__(self, W: Any, b: Any) -> None:
        self.W, self.b = W, b

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        self.dW = self.x.T @ dout
        self.db = dout.sum(0)
        return dout @ self.W.T


def in_order(layer: Affine, order: str) -> tuple[Any, Any]:
    """The adapter that everybody writes round a layer."""

    def forward(x: Any, W: Any, b: Any) -> Any:
        layer.W, layer.b = W, b
        return layer.forward(x)

    def backward(dout: Any) -> Any:
        found = {"x": layer.backward(dout), "W": layer.dW, "b": layer.db}
        return tuple(found[name] for name in order)

    return forward, backward


PARTS = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 4)), RNG.normal(size=4)


def test_a_layer_by_itself_and_with_its_weights_as_inputs() -> None:
    layer = Affine(*PARTS[1:])
    assert check(layer.forward, layer.backward, PARTS[:1]).ok
    report = check(*in_order(layer, "xWb"), PARTS)
    assert report.ok
    assert [line.argument for line in report.lines] == ["x", "W", "b"]


def test_a_layers_gradients_in_another_order_came_crosswise() -> None:
    report = check(*in_order(Affine(*PARTS[1:]), "Wbx"), PARTS)
    assert [(f.argument, f.what) for f in report.findings] == [
        ("x", "the gradient of W came for x: they came crosswise"),
        ("W", "the gradient of b came for W: they came crosswise"),
        ("b", "the gradient of x came for b: they came crosswise"),
    ]


def test_a_layer_that_is_called() -> None:
    class Rectifier:
        def __call__(self, x: Any) -> Any:
            self.mask = x > 0
            return x * self.mask

        def backward(self, dout: Any) -> Any:
            return dout * self.mask

    layer = Rectifier()
    assert check(layer, layer.backward, (SCORES,)).ok


# ------------------------------------------------------------------------- losses and labels


def loss_and_gradient(x: Any, y: Any) -> Any:
    p = np.exp(log_softmax(x))
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    p[np.arange(len(y)), y] -= 1
    return loss, p / len(y)


def test_a_loss_that_returns_its_gradient() -> None:
    assert check(loss_and_gradient, lambda g, dx: g * dx, (SCORES, LABELS)).ok
    report = check(loss_and_gradient, lambda g, dx: 4 * g * dx, (SCORES, LABELS))
    assert [f.argument for f in report.findings] == ["x"]
    assert "4 x the right gradient" in str(report)


@pytest.mark.parametrize("y", [ONE_HOT, ONE_HOT.astype(int), ONE_HOT > 0], ids=["f", "i", "b"])
@pytest.mark.parametrize("form", ["alone", "tuple", "none", "dict"])
@pytest.mark.parametrize("factor", [1, 4])
def test_one_hot_labels_need_no_gradient(y: Any, form: str, factor: int) -> None:
    def forward(x: Any, y: Any) -> Any:
        return -(y * log_softmax(x)).sum() / len(x), (np.exp(log_softmax(x)), y)

    def backward(g: Any, cache: Any) -> Any:
        p, y = cache
        dx = factor * g * (p - y) / len(p)
        return {"alone": dx, "tuple": (dx,), "none": (dx, None), "dict": {"dx": dx}}[form]

    report = check(forward, backward, (SCORES, y))
    assert report.ok == (factor == 1), str(report)
    assert [line.argument for line in report.lines] == ["x"]
    assert all(f.argument == "x" for f in report.findings)
    if y.dtype == float:
        assert "y: no gradient came, so it was not checked" in str(report)


def test_a_target_of_a_loss_needs_no_gradient() -> None:
    def forward(pred: Any, target: Any) -> Any:
        return ((pred - target) ** 2).mean(), (pred, target)

    def backward(g: Any, cache: Any) -> Any:
        pred, target = cache
        return g * 2 * (pred - target) / pred.size

    report = check(forward, backward, (SCORES, SCORES[::-1].copy()))
    assert report.ok, str(report)
    assert [note.argument for note in report.notes] == ["target"]


@pytest.mark.parametrize("second", ["y", "b"])
def test_a_gradient_that_was_forgotten_is_still_a_finding(second: str) -> None:
    """An operand that is called y, and a bias of zeros or ones, are no labels."""
    inputs = (SCORES, SCORES.copy()) if second == "y" else (SCORES, np.zeros((4, 3)))
    report = check(lambda x, y: (2 * x + y, None), lambda g, _: 2 * g, inputs, names=["x", second])
    assert [(f.argument, f.bug) for f in report.findings] == [(second, "H10")]
    row = next(line for line in str(report).split("\n") if line.startswith(f"  d{second}"))
    assert row == f"  d{second}  WRONG"


def test_a_network_that_returns_its_loss_and_a_dictionary_of_gradients() -> None:
    def forward(W1: Any, W2: Any, X: Any, y: Any) -> Any:
        hidden = np.maximum(0, X @ W1)
        loss, d = loss_and_gradient(hidden @ W2, y)
        back = (d @ W2.T) * (hidden > 0)
        return loss, {"W2": hidden.T @ d, "W1": X.T @ back}

    def backward(g: Any, grads: Any) -> Any:
        return {name: g * grad for name, grad in grads.items()}

    inputs = (RNG.normal(size=(3, 5)), RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3)), LABELS)
    report = check(forward, backward, inputs)
    assert report.ok, str(report)
    assert [line.argument for line in report.lines] == ["W1", "W2"]
    assert [note.argument for note in report.notes] == ["X"]


@pytest.mark.parametrize("factor", [1, 4])
def test_labels_fixed_inside_forward(factor: int) -> None:
    def forward(x: Any) -> Any:
        found = log_softmax(x)
        return -found[np.arange(4), LABELS].mean(), found

    def backward(g: Any, found: Any) -> Any:
        d = np.exp(found)
        d[np.arange(4), LABELS] -= 1
        return factor * g * d / 4

    for op in (None, "cross_entropy"):
        report = check(forward, backward, (SCORES,), op=op)
        assert report.ok == (factor == 1)


# ------------------------------------------------------------------------------ the command

LOSS = """
import numpy as np

def svm_loss(x, y):
    n = len(y)
    e = np.exp(x - x.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / {count}
"""


@pytest.mark.parametrize(("count", "code"), [("n", 0), ("1", 1)])
def test_a_function_that_returns_loss_and_gradient_on_the_command_line(
    count: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "losses.py"
    path.write_text(LOSS.format(count=count), "utf-8")
    words = ["--function", f"{path}:svm_loss", "--op", "softmax_cross_entropy", "--explain"]
    assert main(["gradcheck", *words]) == code
    told = capsys.readouterr().out
    assert ("[A1]" in told) == bool(code)
    assert ("rank" in told) == bool(code)


LAYER = """
class Layer:
    def forward(self, x):
        self.x = x
        return x @ self.weights
    def backward(self, grad):
        return grad
forward, backward = Layer().forward, Layer().backward
"""


def test_a_layer_with_weights_is_told_what_to_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER, "utf-8")
    assert main(["gradcheck", "--function", str(path), "--op", "linear"]) == 2
    assert "gradcheck.check_backward(layer.forward" in capsys.readouterr().err
