"""What people hand to the checker, right and wrong: no false accusation, no raw exception."""

from __future__ import annotations

import sys
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minin import Tensor, gradcheck, nn, ops
from minin.errors import DtypeError

RNG = np.random.default_rng(8)
X, Y = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
W, V = RNG.normal(size=(4, 2)), RNG.normal(size=(3, 2))
Pool = namedtuple("Pool", "size stride")
Pair = namedtuple("Pair", "w b")


def square(x: Any) -> Any:
    return x**2, x


def d_square(g: Any, x: Any) -> Any:
    return 2 * g * x


def bugs(report: Any) -> dict[str, Any]:
    return {f.argument: f.bug for f in report.findings}


def accepted(forward: Any, backward: Any, inputs: Any, **more: Any) -> Any:
    report = gradcheck.check_backward(forward, backward, inputs, **more)
    assert report.ok, str(report)
    return report


# 1, 10: too few gradients and too many


def test_a_backward_that_returns_nothing_fails() -> None:
    def forgets(g: Any, x: Any) -> None:
        2 * g * x

    assert bugs(gradcheck.check_backward(square, forgets, [X])) == {"x": "H10"}
    assert bugs(gradcheck.check_backward(square, lambda *_: (None,), [X])) == {"x": "H10"}


@pytest.mark.parametrize("given", [None, (None,), (None, None), {}])
def test_two_inputs_and_no_gradient_are_two_findings(given: Any) -> None:
    report = gradcheck.check_backward(lambda x, y: (x * y, None), lambda *_: given, [X, Y])
    assert bugs(report) == {"x": "H10", "y": "H10"}


def test_more_gradients_than_inputs_are_told() -> None:
    report = gradcheck.check_backward(square, lambda g, c: (2 * g * c, g, g), [X])
    assert [f.argument for f in report.findings] == ["backward"]
    assert "3 gradients came for 1 input" in report.findings[0].what


def test_gradients_that_match_the_inputs_are_no_surplus() -> None:
    settings, index = {"scale": 2.0}, np.array([0, 2])
    accepted(
        lambda x, i, y, s: (x[i] * y * s["scale"], (x, i, y, s)),
        lambda g, c: (_put(c[0], c[1], g * c[2] * c[3]["scale"]), None, g * c[0][c[1]] * 2),
        [X, index, Y[:2], settings],
    )
    accepted(
        lambda x, gamma: (x * gamma, (x, gamma)),
        lambda g, c: (g * c[1], (g * c[0]).sum(0)),
        [X],
        params={"gamma": np.ones(4)},
    )


def _put(x: Any, index: Any, g: Any) -> Any:
    found = np.zeros_like(x)
    np.add.at(found, index, g)
    return found


class Linear:
    def __init__(self) -> None:
        self.w = W

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.w

    def backward(self, g: Any) -> Any:
        return g @ self.w.T, self.x.T @ g


def test_a_layer_may_hand_out_the_gradients_of_its_own_weights() -> None:
    layer = Linear()
    report = accepted(layer.forward, layer.backward, [X])
    assert any("2 gradients came for 1 input" in n.sentence for n in report.notes)


@pytest.mark.parametrize(
    "arrange", [lambda a, b: (a, b), lambda a, b: [a, b], lambda a, b: [[a, b]]]
)
def test_gradients_of_a_list_come_with_the_list_or_without(arrange: Any) -> None:
    def forward(pair: Any) -> Any:
        return pair[0] * pair[1], pair

    accepted(forward, lambda g, c: arrange(g * c[1], g * c[0]), [[X, Y]])


def test_lists_in_lists_and_gradients_in_one_row() -> None:
    def forward(x: Any, layers: Any) -> Any:
        y = x
        for w, b in layers:
            y = y @ w + b
        return y, (x, layers)

    def run(nested: bool) -> Any:
        def backward(g: Any, cache: Any) -> Any:
            x, layers = cache
            (w1, b1), (w2, _) = layers
            hidden, back = x @ w1 + b1, g @ w2.T
            inner = [x.T @ back, back.sum(0)], [hidden.T @ g, g.sum(0)]
            return (back @ w1.T, inner) if nested else (back @ w1.T, *inner[0], *inner[1])

        layers = [[W, np.ones(2)], [RNG.normal(size=(2, 2)), np.ones(2)]]
        return gradcheck.check_backward(forward, backward, [X, layers])

    for nested in (True, False):
        report = run(nested)
        assert report.ok, str(report)


# 2: numbers without axes


@pytest.mark.parametrize("kind", [np.asarray, np.float64, float])
def test_inputs_without_axes_and_gradients_that_are_numbers(kind: Callable[..., Any]) -> None:
    accepted(lambda x: (x**3, x), lambda g, x: kind(3 * g * x**2), [np.array(2.0)])
    accepted(
        lambda x, s: (x * s, (x, s)),
        lambda g, c: (g * c[1], kind((g * c[0]).sum())),
        [X, np.array(1.7)],
    )
    wrong = gradcheck.check_backward(square, lambda g, x: kind(g * x), [np.array(2.0)])
    assert not wrong.ok


# 5, 6: tensors, modules, parameters


def test_what_fn_does_not_use_is_not_accused() -> None:
    assert gradcheck.check(lambda x, _: x * 2, [X, Y]).ok
    assert gradcheck.check(lambda _: ops.exp(Tensor(Y)), X).ok


class Spare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used, self.spare = nn.Linear(4, 2, rng=0), nn.Linear(4, 2, rng=1)

    def forward(self, x: Any) -> Any:
        return self.used(x)


def test_modules_are_their_own_params() -> None:
    report = gradcheck.check(Spare(), [X])
    assert report.ok, str(report)
    assert len(report.lines) == 5


def test_frozen_parameters_are_handed_on() -> None:
    model = nn.Linear(4, 2, rng=0)
    weight = next(iter(model.parameters()))
    weight.requires_grad, before = False, weight.data
    report = gradcheck.check(model, [X])
    assert report.ok, str(report)
    assert len(report.lines) == 2
    assert weight.data is before


def test_params_may_be_a_list_and_else_are_named() -> None:
    model = nn.Linear(4, 2, rng=0)
    report = gradcheck.check(lambda x: model(x), [X], params=list(model.parameters()))
    assert report.ok, str(report)
    with pytest.raises(DtypeError, match="params must be"):
        gradcheck.check(model, [X], params=5)
    with pytest.raises(DtypeError, match="params=model"):
        gradcheck.check(lambda x: model(x), [X])


# 7: float32 or constant


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: np.clip(x, -0.25, -0.25),
        lambda x: 0.5 * np.sign(x),
        lambda x: np.full(x.shape, 0.75),
        lambda x: np.where(x > 0, 0.5, 0.25),
    ],
)
def test_constants_are_not_float32(forward: Any) -> None:
    accepted(lambda x: (forward(x), None), lambda g, _: 0 * g, [X])


def test_float32_inside_is_still_seen() -> None:
    report = gradcheck.check_backward(
        lambda x: (np.tanh(x.astype(np.float32)).astype(float), x),
        lambda g, x: g * (1 - np.tanh(x) ** 2),
        [X],
    )
    assert [n.bug for n in report.notes] == ["H4"]


# 8: handing on what came


def test_handing_on_the_upstream_gradient_once_is_a_note() -> None:
    report = accepted(lambda x, y: (x + y, None), lambda g, _: (g, g.copy()), [X, Y])
    assert [n.bug for n in report.notes] == ["H2"]
    accepted(lambda x, b: (x + b, None), lambda g, _: (g, g.sum(0)), [X, np.ones(4)])
    twice = gradcheck.check_backward(lambda x, y: (x + y, None), lambda g, _: (g, g), [X, Y])
    assert "H2" in bugs(twice).values()


# 9: integers in first place


def test_an_embedding_with_integer_indices_first() -> None:
    index, table = np.array([[0, 2], [2, 1]]), RNG.normal(size=(4, 3))
    accepted(lambda i, w: (w[i], (i, w)), lambda g, c: (None, _put(c[1], c[0], g)), [index, table])
    accepted(
        lambda i, w: (w[i.astype(int)], (i, w)),
        lambda g, c: _put(c[1], c[0].astype(int), g),
        [index, table],
    )
    report = accepted(
        lambda x, w: (x @ w, (x, w)), lambda g, c: (g @ c[1].T, c[0].T @ g), [index, table[:2]]
    )
    assert [n.bug for n in report.notes] == ["H6"]


# 11: dictionaries of weights


def test_weights_in_a_dictionary_are_said_not_to_be_judged() -> None:
    def backward(g: Any, c: Any) -> Any:
        return g @ c[1]["W"].T, {"W": 3 * c[0].T @ g}

    report = gradcheck.check_backward(
        lambda x, p: (x @ p["W"], (x, p)), backward, [X, {"W": W.copy(), "stride": 1}]
    )
    assert any("dictionary p are not checked: W" in n.sentence for n in report.notes)


def test_what_is_in_a_dictionary_is_not_touched() -> None:
    settings = {"mean": np.zeros(4)}

    def forward(x: Any, s: Any) -> Any:
        s["mean"] *= 0.5
        s["mean"] += 1
        return x * 2, None

    accepted(forward, lambda g, _: 2 * g, [X, settings])
    assert not settings["mean"].any()


# 12: plain words


def test_named_tuples_are_settings_or_arguments() -> None:
    accepted(lambda x, pool: (x * pool.size, pool), lambda g, pool: g * pool.size, [X, Pool(2, 1)])
    accepted(
        lambda x, p: (x @ p.w + p.b, (x, p)),
        lambda g, c: (g @ c[1].w.T, Pair(c[0].T @ g, g.sum(0))),
        [X, Pair(W, np.ones(2))],
    )


def test_a_single_array_needs_no_list() -> None:
    assert [line.argument for line in accepted(square, d_square, X).lines] == ["x"]


@pytest.mark.parametrize("inputs", [5, None, "text", {"x": X}, np.float64(2)])
def test_other_inputs_are_refused_by_name(inputs: Any) -> None:
    with pytest.raises(DtypeError, match="inputs"):
        gradcheck.check_backward(square, d_square, inputs)
    with pytest.raises(DtypeError, match="inputs"):
        gradcheck.check(ops.exp, inputs)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "None"),
        ("1.5", "a str"),
        ((X, Y[0], 1.0), "a tuple of 3"),
        (X * 1j, "complex128"),
        (np.array(["a"]), "<U1"),
        ({"y": X}, "a dict"),
    ],
)
def test_an_output_that_is_no_array_is_told(given: Any, said: str) -> None:
    with pytest.raises(DtypeError, match=f"forward must return .*{said}"):
        gradcheck.check_backward(lambda _: given, d_square, [X])


def test_an_output_whose_shape_varies() -> None:
    at_zero = X.copy()
    at_zero[0, 0] = 0.0
    report = gradcheck.check_backward(
        lambda x: (x[x > 0], x > 0), lambda _, m: np.where(m, 1.0, 0.0), [at_zero]
    )
    assert ("forward", "H8") in bugs(report).items(), str(report)
    count = [0]

    def growing(x: Any) -> Any:
        count[0] += 1
        return x.ravel()[: 6 + count[0] // 9], None

    late = gradcheck.check_backward(growing, lambda g, _: g, [X])
    assert ("forward", "H8") in bugs(late).items(), str(late)


def test_a_backward_that_exits_is_reported() -> None:
    report = gradcheck.check_backward(square, lambda *_: sys.exit(3), [X])
    assert "sys.exit(3)" in report.findings[0].what


@pytest.mark.parametrize("kind", [complex, object, str])
def test_gradients_of_another_dtype_are_told_by_it(kind: Any) -> None:
    for forward in (square, lambda x: (np.maximum(x, 0), x)):
        report = gradcheck.check_backward(forward, lambda g, x: (2 * g * x).astype(kind), [X])
        assert "dtype" in report.findings[0].what, str(report)


# 13, 14, 15: the report


def test_why_no_slope_was_measured() -> None:
    broken = gradcheck.check_backward(lambda x: (np.log(-(x**2)), x), d_square, [X])
    assert "not finite" in str(broken.measured)
    assert "hold still" not in str(broken)


def test_an_op_that_does_not_fit_is_said() -> None:
    report = accepted(square, d_square, [X], op="conv2d")
    assert report.title.startswith("square.backward")
    assert "forward does not compute conv2d" in report.notes[0].sentence


def test_the_notebook_gives_no_more_away_than_the_words() -> None:
    def wrong(g: Any, x: Any) -> Any:
        found = 2 * g * x
        found[1] *= 1.2345
        return found

    report = gradcheck.check_backward(square, wrong, [X])
    shown = {
        level: replace(report, feedback=level)._repr_html_()
        for level in ("verdict", "where", "fix")
    }
    assert "<table" not in shown["verdict"]
    assert shown["where"].count('title="1"') == 4
    assert shown["where"].count('title="0"') == 8
    assert "yours minus right" in shown["fix"]
    assert "yours minus right" not in shown["where"]
