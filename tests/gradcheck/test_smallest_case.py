"""The smallest failing case is small, fails, and can be checked by hand."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.smallest_case import smallest
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet


def subject(op: str, bug: str | None) -> Code:
    reference = REFERENCES[op]
    inputs, params = reference.draw(np.random.default_rng(0))
    return Code(*reference.programs(bug), inputs, params, reference.arguments[: len(inputs)])


def shown(op: str, bug: str | None, name: str) -> Any:
    with quiet():
        return smallest(subject(op, bug), name)


def test_a_forgotten_sum_is_shown_with_its_arithmetic() -> None:
    lines = shown("linear", "C5 bias", "b")
    assert lines[0].startswith("smallest: x(2,")
    assert "right [" in lines[1]
    assert "slopes times G" in lines[2]


def test_the_numbers_are_whole() -> None:
    lines = shown("matmul", "A6", "x")
    assert "." not in lines[1]
    assert "yours [-" in lines[1]


def test_right_code_has_no_failing_case_to_shrink_to() -> None:
    lines = shown("matmul", None, "x")
    assert (
        not lines
        or lines[1].split("yours")[0].split("[")[1]
        == lines[1].split("yours")[1].split("[")[1] + "   "
    )


ARRAY = re.compile(r"\[([^\]]*)\]")


@pytest.mark.parametrize(
    ("op", "bug", "name"),
    [("linear", "C5 bias", "b"), ("matmul", "A6", "x"), ("conv2d", "B3", "x"), ("relu", "E3", "x")],
)
def test_nothing_is_cut_and_everything_fits(op: str, bug: str, name: str) -> None:
    lines = shown(op, bug, name)
    assert lines, (op, bug)
    assert max(map(len, lines)) <= 65
    assert len(lines) <= 5
    text = " ".join(lines)
    assert "..." not in text
    assert all(len(array.split(",")) <= 12 for array in ARRAY.findall(text))
    for argument in subject(op, bug).arguments:
        assert re.search(rf"\b{argument}\([\d,]*\) \[", text), (argument, text)
    assert re.search(r"\bG(\([\d,]*\))? \[", text)


def test_a_case_is_a_right_sum() -> None:
    """What stands there can be done by hand, and gives what it says."""
    lines = shown("linear", "C5 bias", "b")
    assert lines[-1].startswith("right[0] = ")
    terms, number = lines[-1].removeprefix("right[0] = ").split(":")[0].split(" = ")
    assert eval(terms) == float(number)
    assert f"right [{number}]" in lines[-2]


def gates(x: Any, h: Any, w: Any) -> Any:  # lengths that hang together: a sum and a multiple
    z = np.concatenate([x, h], axis=1) @ w
    half = z.shape[1] // 2
    return z[:, :half] * z[:, half:], (x, h, w, z, half)


def gates_backward(g: Any, cache: Any) -> Any:
    x, h, w, z, half = cache
    dz = np.concatenate([g * z[:, half:], g * z[:, :half]], axis=1)
    both = dz @ w.T
    return both[:, : x.shape[1]], 2 * both[:, x.shape[1] :], np.concatenate([x, h], axis=1).T @ dz


def test_lengths_that_are_sums_and_multiples_of_others_shrink_with_them() -> None:
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=s) for s in ((3, 3), (3, 5), (8, 10))]
    with quiet():
        lines = smallest(Code(gates, gates_backward, inputs), "h")
    assert lines[0].startswith("smallest: x(1,1) [1]  h(1,1) [2]  w(2,2) [3,4,5,6]")


def test_labels_shrink_with_their_classes() -> None:
    def forward(x: Any, y: Any) -> Any:
        e = np.exp(x)
        p = e / e.sum(1, keepdims=True)
        return -np.log(p[np.arange(len(y)), y]).sum(), (p, y)

    def backward(g: Any, cache: Any) -> Any:
        p, y = cache
        d = p.copy()
        d[np.arange(len(y)), y] += 1
        return g * d

    inputs = [np.random.default_rng(0).normal(size=(7, 6)), np.array([5, 4, 3, 5, 4, 3, 5])]
    with quiet():
        lines = smallest(Code(forward, backward, inputs), "x")
    assert lines[0] == "smallest: x(1,1) [1]  y(1) [0]  G [1]"


def test_no_right_number_is_told_on_a_kink() -> None:
    def backward(g: Any, x: Any) -> Any:
        return g * (x > 1) * 2

    inputs = [np.random.default_rng(0).uniform(1.01, 1.04, size=(3, 4))]
    with quiet():
        lines = smallest(Code(lambda x: (np.maximum(x - 1, 0), x), backward, inputs), "x")
    assert all("right [0.5]" not in line for line in lines)


def test_trials_are_counted() -> None:
    calls = []

    def forward(x: Any) -> Any:
        calls.append(x.size)
        return x * 2, None

    def backward(g: Any, _: Any) -> Any:
        return g * (3 if calls[-1] > 60_000 else 2)  # fails at large sizes alone

    with quiet():
        lines = smallest(Code(forward, backward, [np.ones((40, 50, 60))]), "x")
    assert lines == ()
    assert len(calls) < 40 * 4
