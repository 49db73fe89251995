"""The same program gets the same words, however fast or busy the machine is."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from minin import gradcheck
from tests.gradcheck.student_programs import STUDENT_PROGRAMS

CLOCKS = [
    name
    for kind in ("time", "perf_counter", "monotonic", "process_time", "thread_time")
    for name in (kind, f"{kind}_ns")
]


def words(repair: bool, step: int = 1) -> list[str]:
    found = []
    for program in STUDENT_PROGRAMS[::step]:
        inputs, params = program.inputs(np.random.default_rng(5))
        report = gradcheck.check_backward(
            program.forward, program.backward, inputs, params=params, repair=repair
        )
        assert not report.ok
        found.append(f"{report}\n{report!r}\n{report.origins()}\n{report.points(3)}")
    return found


@contextmanager
def jumping() -> Iterator[None]:
    """Let every clock go hours ahead or back at each look."""
    draw = random.Random(0)
    with pytest.MonkeyPatch.context() as patch:
        for name in CLOCKS:
            whole = name.endswith("_ns")
            patch.setattr(
                time, name, lambda whole=whole: (int if whole else float)(draw.uniform(-1e5, 1e5))
            )
        yield


def _work() -> None:
    while True:
        np.linalg.svd(np.ones((60, 60)))


@contextmanager
def two_busy_processes() -> Iterator[None]:
    busy = [multiprocessing.get_context("spawn").Process(target=_work, daemon=True) for _ in "12"]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


def test_a_clock_that_jumps_changes_no_word() -> None:
    plain = words(repair=False, step=17)
    with jumping():
        assert words(repair=False, step=17) == plain


@pytest.mark.thorough
def test_fifty_reports_are_the_same_byte_for_byte() -> None:
    plain = words(repair=False)
    assert len(plain) == 50
    with jumping():
        assert words(repair=False) == plain
    with two_busy_processes():
        assert words(repair=False) == plain


@pytest.mark.slow
@pytest.mark.thorough
def test_fifty_repairs_are_the_same_byte_for_byte() -> None:
    plain = words(repair=True)
    assert sum("repair" in text for text in plain) > 25
    with jumping():
        assert words(repair=True) == plain
    with two_busy_processes():
        assert words(repair=True) == plain


# A forward that is slow because a few lines handle millions of numbers.
BASIS = np.random.default_rng(0).normal(size=(200, 10000))


def wide(calls: list[int], factor: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(x: Any, w: Any) -> Any:
        calls.append(1)
        features = x[:, None] * BASIS
        return features @ w, (features, w)

    def backward(g: Any, cache: Any) -> Any:
        features, w = cache
        return factor * g * (BASIS @ w), g @ features

    return forward, backward


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_a_slow_forward_is_judged_along_directions(factor: float) -> None:
    rng, calls = np.random.default_rng(0), list[int]()
    inputs = rng.normal(size=200), rng.normal(size=10000)
    report = gradcheck.check_backward(*wide(calls, factor), inputs, repair=False)
    assert report.ok == (factor == 1)
    assert [line.ok for line in report.lines] == [factor == 1, True]
    assert "10000 numbers along 2 random directions" in str(report)
    assert "0 entries, and all together along 2 random directions" in " ".join(str(report).split())
    assert len(calls) < 100


def test_an_argument_that_nobody_judged_is_never_ok() -> None:
    """Of many arguments that are judged along directions alone, some are not tried."""
    rng = np.random.default_rng(0)
    xs = [rng.normal(size=300) for _ in range(14)]

    def forward(*xs: Any) -> Any:
        grids = np.stack([np.outer(x, x).ravel() for x in xs])
        return grids.sum(1), xs

    def backward(g: Any, xs: Any) -> Any:
        return [(2 + (k == 3)) * x.sum() * np.ones(300) * g[k] for k, x in enumerate(xs)]

    report = gradcheck.check_backward(forward, backward, xs, repair=False)
    told = [line.split() for line in report.text().split("\n")]
    assert not report.ok
    judged = {line.argument: line.ok for line in report.lines}
    assert judged["input0"]
    assert not judged["input3"]
    assert not judged["input13"]
    rows = [" ".join(row) for row in told]
    assert "grad of input3 WRONG" in rows
    assert not any("input13 ok" in row for row in rows)
    assert report.points(14) == 11


def test_a_wrong_shape_beside_it_keeps_no_argument_from_being_judged() -> None:
    rng, calls = np.random.default_rng(0), list[int]()
    forward, backward = wide(calls, 2.0)

    def other(g: Any, cache: Any) -> Any:
        dx, dw = backward(g, cache)
        return dx, dw[:-1]

    inputs = rng.normal(size=200), rng.normal(size=10000)
    report = gradcheck.check_backward(forward, other, inputs, repair=False)
    assert [line.ok for line in report.lines] == [False, False]
    assert {f.argument for f in report.findings} == {"x", "w"}


def test_what_needs_no_gradient_keeps_no_argument_from_being_judged() -> None:
    rng, calls = np.random.default_rng(0), list[int]()
    forward, backward = wide(calls, 2.0)
    inputs = rng.normal(size=200), rng.normal(size=10000)
    report = gradcheck.check_backward(
        forward, lambda g, cache: (backward(g, cache)[0], None), inputs, repair=False
    )
    assert [f.argument for f in report.findings] == ["x"]
