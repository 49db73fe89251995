"""`check`, `check_backward`, and code in the shapes in which people write it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import minin
from minin import gradcheck, nn, ops
from minin.errors import ArgumentError, DtypeError, MininError, UnknownNameError
from minin.gradcheck import GradientError

RNG = np.random.default_rng(3)
X, W, B = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(4, 3, 3, 2)), RNG.normal(size=4)


def conv_forward_naive(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
    stride, pad = conv_param["stride"], conv_param["pad"]
    n, _, h, wide = x.shape
    f, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((n, f, 1 + (h + 2 * pad - hh) // stride, 1 + (wide + 2 * pad - ww) // stride))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            part = padded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            out[:, :, i, j] = np.tensordot(part, w, ((1, 2, 3), (1, 2, 3))) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout: Any, cache: Any, fault: str = "") -> Any:
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    hh, ww = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows, cols = slice(i * stride, i * stride + hh), slice(j * stride, j * stride + ww)
            g = dout[:, :, i, j]
            dw += np.tensordot(g, padded[:, :, rows, cols], ((0,), (0,)))
            back = np.tensordot(g, w, ((1,), (0,)))
            if fault == "C1":
                dpadded[:, :, rows, cols] = back
            else:
                dpadded[:, :, rows, cols] += back
    db = dout.mean(axis=(0, 2, 3)) if fault == "G5" else dout.sum(axis=(0, 2, 3))
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db


def test_a_course_can_use_it_without_changing_a_line() -> None:
    settings = {"stride": 2, "pad": 1}
    report = gradcheck.check_backward(
        conv_forward_naive, conv_backward_naive, (X, W, B, settings), op="conv2d"
    )
    assert report.ok, str(report)
    assert report.op == "conv2d"
    assert report.points(3) == 3.0
    assert report.raise_if_failed() is report


@pytest.mark.parametrize("op", ["conv2d", None])
@pytest.mark.parametrize("fault", ["C1", "G5"])
def test_its_bugs_are_named_whether_the_op_is_told_or_not(fault: str, op: str | None) -> None:
    def backward(dout: Any, cache: Any) -> Any:
        return conv_backward_naive(dout, cache, fault)

    report = gradcheck.check_backward(
        conv_forward_naive, backward, (X, W, B, {"stride": 2, "pad": 1}), op=op
    )
    assert not report.ok
    assert [f.bug for f in report.findings] == [fault]
    assert report.findings[0].argument == ("x" if fault == "C1" else "b")
    assert report.points(3) == pytest.approx(2.0)
    with pytest.raises(GradientError, match=fault):
        report.raise_if_failed()


class Layer:
    """A layer that keeps its cache to itself."""

    def forward(self, x: Any) -> Any:
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad: Any) -> Any:
        return grad * self.mask


def test_a_layer_that_keeps_its_cache() -> None:
    layer = Layer()
    report = gradcheck.check_backward(layer.forward, layer.backward, [X])
    assert report.ok, str(report)


@pytest.mark.parametrize(
    "given",
    [
        lambda dx, dw: (dx, dw),
        lambda dx, dw: [dx, dw],
        lambda dx, dw: {"x": dx, "w": dw},
        lambda dx, dw: {"dw": dw, "dx": dx},
        lambda dx, dw: {"grad_x": dx, "grad_w": dw},
    ],
)
def test_gradients_come_in_any_arrangement(given: Any) -> None:
    def forward(x: Any, w: Any) -> Any:
        return x @ w, (x, w)

    def backward(g: Any, cache: Any) -> Any:
        return given(g @ cache[1].T, cache[0].T @ g)

    report = gradcheck.check_backward(
        forward, backward, (RNG.normal(size=(3, 4)), RNG.normal(size=(4, 5)))
    )
    assert report.ok, str(report)
    assert [line.argument for line in report.lines] == ["x", "w"]


def test_keyword_params_and_labels() -> None:
    def loss(x: Any, y: Any, scale: float = 1.0) -> Any:
        p = np.exp(x - x.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return -scale * np.log(p[np.arange(len(y)), y]).mean(), (p, y, scale)

    def gradient(g: Any, cache: Any) -> Any:
        p, y, scale = cache
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        return g * scale * d / len(y)

    inputs = (RNG.normal(size=(5, 4)), np.array([0, 3, 1, 1, 2]))
    report = gradcheck.check_backward(loss, gradient, inputs, params={"scale": 2.0})
    assert report.ok, str(report)


def test_a_backward_that_raises_is_reported() -> None:
    def backward(*_: Any) -> Any:
        raise ValueError("operands could not be broadcast together")

    report = gradcheck.check_backward(lambda x: (x * 2, None), backward, [np.ones(4)])
    assert not report.ok
    assert "operands could not be broadcast" in report.findings[0].what


def test_tensors_modules_and_losses() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, rng=0), nn.ReLU(), nn.GlobalAvgPool2d())
    before = {name: p.data.copy() for name, p in network.named_parameters()}
    target = np.array([1, 3])
    report = gradcheck.check(lambda x: ops.cross_entropy(network(x), target), X, params=network)
    assert report.ok, str(report)
    assert [line.argument for line in report.lines] == ["x", *before]
    for name, p in network.named_parameters():
        assert p.dtype == before[name].dtype
        assert p.grad is None
        np.testing.assert_array_equal(p.data, before[name])


def test_the_first_wrong_rule_of_a_graph_is_found() -> None:
    @minin.differentiable
    def leaking_relu(x: Any) -> Any:
        def backward(grad_y: Any) -> Any:
            return (grad_y * 1.0,)

        return x * (x > 0), backward

    def fn(x: Any, w: Any) -> Any:
        return ops.mean(leaking_relu(ops.conv2d(x, w)) * 2.0)

    report = gradcheck.check(fn, [X, W])
    assert not report.ok
    assert "leaking_relu" in report.localised
    assert {f.bug for f in report.findings} == {"E3"}


def test_a_gradient_that_is_lost_on_the_way_is_seen() -> None:
    report = gradcheck.check(lambda x: ops.exp(x.detach()) + 0 * x, np.linspace(0, 1, 9))
    assert [f.bug for f in report.findings] == ["H10"]


def test_dropout_that_draws_anew_is_told_for_what_it_is() -> None:
    rng = np.random.default_rng(0)
    report = gradcheck.check(lambda x: ops.dropout(x, 0.5, rng=rng), X)
    assert [(f.argument, f.bug) for f in report.findings] == [("forward", "H8")]


def test_sample_lets_the_inputs_vary() -> None:
    seen = []

    def fn(x: Any) -> Any:
        seen.append(x.shape)
        return ops.exp(x)

    report = gradcheck.check(fn, np.ones(3), sample=lambda rng: [rng.normal(size=5)])
    assert report.ok
    assert {(3,), (5,)} <= set(seen)


def test_without_sample_the_inputs_stay_near_where_they_are() -> None:
    seen: list[float] = []

    def forward(x: Any) -> Any:
        seen.extend(np.ravel(x))
        return np.log(x), x

    report = gradcheck.check_backward(forward, lambda g, x: g / x, [np.full(9, 0.5)])
    assert report.ok
    assert min(seen) > 0.45


def test_none_means_not_differentiated() -> None:
    def forward(x: Any, t: Any) -> Any:
        return ((x - t) ** 2).sum(), (x, t)

    def backward(g: Any, cache: Any) -> Any:
        return g * 2 * (cache[0] - cache[1]), None

    report = gradcheck.check_backward(forward, backward, (X, X[::-1]))
    assert report.ok, str(report)
    assert [note.argument for note in report.notes] == ["t"]


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="conv2d"):
        gradcheck.check_backward(conv_forward_naive, conv_backward_naive, (X,), op="conv3d")
    with pytest.raises(UnknownNameError, match="verdict"):
        gradcheck.check(ops.relu, X, feedback="loud")
    with pytest.raises(DtypeError, match="float"):
        gradcheck.check_backward(lambda s: s, lambda g: g, ["text"])
    with pytest.raises(DtypeError, match="check_backward"):
        gradcheck.check(lambda x: x.numpy(), X)
    with pytest.raises(DtypeError, match="fn must be a function, got int"):
        gradcheck.check(3, X)  # type: ignore[arg-type]  # the mistake itself
    with pytest.raises(DtypeError, match="backward must be a function, got NoneType"):
        gradcheck.check_backward(lambda s: s, None, [X])  # type: ignore[arg-type]  # so is this
    with pytest.raises(ArgumentError, match=r"seed must be .* got 'a'"):
        gradcheck.check(ops.relu, X, seed="a")  # type: ignore[arg-type]  # and this
    assert issubclass(GradientError, AssertionError)
    assert issubclass(GradientError, MininError)


SCRIPT = """
import warnings
import numpy as np
from minin import gradcheck
def forward(x):
    print("noise")
    warnings.warn("loud")
    return np.log(x) / np.zeros(1).sum().clip(1), x
def backward(g, x):
    return g / x + np.log(-1.0) * 0
print(gradcheck.check_backward(forward, backward, [np.ones(4)]).ok)
"""


def test_nothing_reaches_stderr() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "False"
    assert "loud" not in done.stdout


def test_the_same_seed_gives_the_same_report() -> None:
    def report() -> Any:
        found = gradcheck.check_backward(lambda x: (x**2, x), lambda g, x: g * x, [X], seed=4)
        return {**found.to_dict(), "seconds": 0}

    assert json.dumps(report()) == json.dumps(report())
