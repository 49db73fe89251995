"""Where a term is missing there is nothing to edit: the path that backward leaves out is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import gradcheck

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))


def cosine(a: Any, b: Any) -> Any:
    norms = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return (a * b).sum(1) / norms, (a, b, norms)


def cosine_back(grad: Any, cache: Any) -> Any:
    a, b, norms = cache
    return (grad / norms)[:, None] * b, (grad / norms)[:, None] * a


def gate(x: Any, h: Any) -> Any:
    r = np.tanh(x)
    return np.tanh(h) + r * h * h, (x, h, r)


def gate_back(grad: Any, cache: Any) -> Any:
    _, h, r = cache
    return grad * h * h * (1 - r * r), grad * (1 - np.tanh(h) ** 2)


def scaled(x: Any, w: Any) -> Any:
    size = np.log1p((x @ w) ** 2)
    return x @ w / (1 + size), (x, w, size)


def scaled_back(grad: Any, cache: Any) -> Any:
    x, w, size = cache
    grad = grad / (1 + size)
    return grad @ w.T, x.T @ grad


@pytest.mark.parametrize(
    ("forward", "backward", "inputs", "held"),
    [
        (cosine, cosine_back, (A, B), {"np.sqrt((a * a).sum(1) * (b * b).sum(1))"}),
        (gate, gate_back, (A, B), {"r * h * h", "h"}),
        (scaled, scaled_back, (A, B.T), {"np.log1p((x @ w) ** 2)"}),
    ],
    ids=["norm", "product", "factor"],
)
def test_the_path_is_named(forward: Any, backward: Any, inputs: Any, held: set[str]) -> None:
    report = gradcheck.check_backward(forward, backward, inputs)
    told = [r for r in report.repair if r.held]
    assert told, str(report)
    assert all(r.held.strip("`").split("` in `")[0] in held for r in told), told
    assert told[0].held[:20] in str(report)
    assert told[0].file == __file__


def test_what_is_no_missing_path_is_none() -> None:
    report = gradcheck.check_backward(gate, lambda g, c: (g * c[0], g * c[1] * np.pi), (A, B))
    assert not any(r.held for r in report.repair), report.repair


def test_forward_is_as_it_was_afterwards() -> None:
    code = cosine.__code__
    gradcheck.check_backward(cosine, cosine_back, (A, B))
    assert cosine.__code__ is code
    assert not any(name.startswith("minin_") for name in globals())
