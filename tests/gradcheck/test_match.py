"""Operations are recognised by what they compute, in whatever layout and under any name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin.gradcheck.recognise.match import find
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.subject.call import Call

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(4, 3, 3, 2)), RNG.normal(size=4)


def conv(**params: Any) -> Any:
    return REFERENCES["conv2d"].forward(X, W, B, **params)[0]


CALLS = {
    "keywords": Call(("x", "w", "b"), (X, W, B), {"stride": 2, "pad": 1}, conv(stride=2, pad=1)),
    "a dictionary": Call(
        ("x", "w", "b", "conv_param"), (X, W, B, {"stride": 2, "pad": 1}), {}, conv(stride=2, pad=1)
    ),
    "other names": Call(
        ("a", "k", "c"), (X, W, B), {"strides": 2, "padding": 1}, conv(stride=2, pad=1)
    ),
    "nothing told": Call(("x", "w", "b"), (X, W, B), {}, conv(stride=2, pad=1)),
    "no bias": Call(("x", "w"), (X, W), {}, REFERENCES["conv2d"].forward(X, W)[0]),
    "channels last": Call(
        ("x", "w", "b"),
        (X.transpose(0, 2, 3, 1), W.transpose(2, 3, 1, 0), B),
        {},
        conv().transpose(0, 2, 3, 1),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_convolution_is_recognised(name: str) -> None:
    for op in ("conv2d", None):
        binding = find(REFERENCES, CALLS[name], op)
        assert binding is not None
        assert binding.name == "conv2d"


def test_gradients_come_back_in_the_callers_layout() -> None:
    last = CALLS["channels last"]
    binding = find(REFERENCES, last, "conv2d")
    assert binding is not None
    g = RNG.normal(size=last.output.shape)
    grads = binding.gradients(last, g, None)
    assert [grads[k].shape for k in range(3)] == [a.shape for a in last.inputs]
    direct = REFERENCES["conv2d"]
    _, cache = direct.forward(X, W, B)
    truth = direct.backward(g.transpose(0, 3, 1, 2), cache)
    assert truth[0] is not None
    np.testing.assert_allclose(grads[0], truth[0].transpose(0, 2, 3, 1))


def test_what_is_none_of_them_is_not_recognised() -> None:
    x = RNG.normal(size=(3, 4))
    assert find(REFERENCES, Call(("x",), (x,), {}, np.sin(3 * x)), None) is None
