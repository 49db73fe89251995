"""Whatever a wrong backward gives, at whatever sizes: a report comes, and it holds together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minin import gradcheck
from tests.choice import examples

Forward = Callable[..., Any]


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def windows(x: Any, k: int = 2) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))


def conv(x: Any, w: Any) -> Any:
    return np.einsum("ncpqij,fcij->nfpq", windows(x), w), (x, w)


def conv_back(g: Any, cache: Any) -> Any:
    x, w = cache
    dx = np.zeros_like(x)
    for p, q in np.ndindex(*g.shape[2:]):
        dx[:, :, p : p + 2, q : q + 2] += np.einsum("nf,fcij->ncij", g[:, :, p, q], w)
    return dx, np.einsum("nfpq,ncpqij->fcij", g, windows(x))


# For each: the op's name, forward, backward, and the shapes at sizes n, k, m.
PROGRAMS: dict[str, tuple[str | None, Forward, Forward, Callable[..., Any]]] = {
    "linear": (
        "linear", lambda x, w, b: (x @ w + b, (x, w)),
        lambda g, c: (g @ c[1].T, c[0].T @ g, g.sum(0)),
        lambda n, k, m: [(n, k), (k, m), (m,)],
    ),
    "tanh": (
        None, lambda x: (np.tanh(x), x), lambda g, x: (g / np.cosh(x) ** 2,),
        lambda n, k, m: [(n, k, m)],
    ),
    "relu": (
        "relu", lambda x: (np.maximum(x, 0), x), lambda g, x: (g * (x > 0),),
        lambda n, k, _: [(n, k)],
    ),
    "softmax": (
        "softmax", lambda x: (softmax(x), softmax(x)),
        lambda g, p: (p * (g - (g * p).sum(-1, keepdims=True)),), lambda n, k, _: [(n, k)],
    ),
    "mean": (
        None, lambda x: (x.mean(1), x.shape),
        lambda g, s: (np.ones(s) * np.expand_dims(g, 1) / s[1],), lambda n, k, m: [(n, k, m)],
    ),
    "product": (
        None, lambda x, y: ((x * y).sum(), (x, y)), lambda g, c: (g * c[1], g * c[0]),
        lambda n, k, _: [(n, k), (n, k)],
    ),
    "conv": ("conv2d", conv, conv_back, lambda n, k, m: [(n, k, m + 1, k + 2), (m, k, 2, 2)]),
}  # fmt: skip


def stops(_: Any) -> Any:
    raise ValueError("operands could not be broadcast together")


def changed(dx: Any) -> Any:
    dx[...] = 7.0
    return dx


FAULTS: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda dx: dx.T, "flat": lambda dx: dx.reshape(-1), "short": lambda dx: dx[:-1],
    "summed": lambda dx: dx.sum(0), "kept": lambda dx: dx.sum(0, keepdims=True),
    "reversed": lambda dx: dx[::-1], "rolled": lambda dx: np.roll(dx, 1),
    "sorted": lambda dx: np.sort(dx, axis=None).reshape(dx.shape), "twice": lambda dx: 2 * dx,
    "by length": lambda dx: dx * len(dx), "squared": lambda dx: dx**2, "zeros": np.zeros_like,
    "nan": lambda dx: dx * np.nan, "infinite": lambda dx: dx / 0.0, "none": lambda _: None,
    "number": lambda _: 3.0, "text": lambda _: "dx", "list": lambda dx: dx.tolist(),
    "complex": lambda dx: dx + 1j, "objects": lambda dx: dx.astype(object),
    "whole": lambda dx: dx.astype(int), "float32": lambda dx: dx.astype(np.float32) * 1.5,
    "bool": lambda dx: dx > 0, "empty": lambda dx: dx[:0], "more axes": lambda dx: dx[None],
    "first alone": lambda dx: np.where(np.arange(dx.size).reshape(dx.shape) == 0, dx, 0),
    "last wrong": lambda dx: np.where(np.arange(dx.size).reshape(dx.shape) == dx.size - 1, 9, dx),
    "cumulated": lambda dx: dx.cumsum(0), "stops": stops, "changed": changed,
    "huge": lambda dx: dx * 1e200, "tiny": lambda dx: dx * 1e-200, "noise": lambda dx: dx + 1e-5,
    "masked": lambda dx: np.ma.masked_array(dx, dx > 0), "pair": lambda dx: (dx, dx),
}  # fmt: skip
WHEN: dict[str, Callable[[Any], bool]] = {
    "always": lambda _: True, "if the batch is odd": lambda dx: len(dx) % 2 == 1,
    "if long": lambda dx: dx.shape[-1] > 3, "if square": lambda dx: len(set(dx.shape)) == 1,
}  # fmt: skip


@settings(max_examples=examples(240), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(PROGRAMS)), fault=st.sampled_from(sorted(FAULTS)),
    when=st.sampled_from(sorted(WHEN)), seed=st.integers(0, 10**6), place=st.integers(0, 2),
    sizes=st.tuples(*[st.integers(1, 5)] * 3), told=st.booleans(), sampled=st.booleans(),
)  # fmt: skip
def test_a_report_comes_and_holds_together(
    name: str, fault: str, when: str, seed: int, place: int, sizes: Any, told: bool, sampled: bool
) -> None:
    op, forward, right, shapes = PROGRAMS[name]

    def backward(g: Any, cache: Any) -> Any:
        grads = list(right(g, cache))
        at = place % len(grads)
        if WHEN[when](grads[at]):
            grads[at] = FAULTS[fault](grads[at])
        return grads

    def draw(rng: np.random.Generator) -> Any:
        return [rng.normal(size=shape) for shape in shapes(*rng.integers(1, 6, 3))]

    inputs = [np.random.default_rng(seed).normal(size=shape) for shape in shapes(*sizes)]
    report = gradcheck.check_backward(
        forward, backward, inputs, op=op if told else None, sample=draw if sampled else None,
        repair=False,
    )  # fmt: skip
    lines = str(report).split("\n")
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 78
    assert lines[-1].startswith(f"  {report.verdict}")
    assert report.ok == (not report.findings) == ("PASSED" in lines[-1])
    bad = {f.argument for f in report.findings}
    assert not any(line.ok for line in report.lines if line.argument in bad)
    json.dumps(report.to_dict())
    assert report._repr_html_()
    assert "\n" not in repr(report)
    assert max(map(len, report.origins().split("\n"))) <= 78
