"""`accelerate`: a fast rule stands in for the plain one, where it may and only there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minin
from minin import Tensor, autograd, differentiable
from minin.autograd import Op
from minin.autograd.operators import OutputAndBackward
from minin.backend import Array
from tests.libraries import put


class Tripled:
    """A new op of two rules that note each run of forward and of backward."""

    def __init__(self, library: str = "numpy", covers: Callable[..., bool] | None = None) -> None:
        self.ran: list[str] = []

        @differentiable
        def tripled(x: Array, *, factor: float = 3.0) -> OutputAndBackward:
            return self._run("plain", x, factor)

        @tripled.accelerate(library, covers)
        def fast(x: Array, *, factor: float = 3.0) -> OutputAndBackward:
            return self._run("fast", x, factor)

        self.op: Op[Tensor] = tripled

    def _run(self, kind: str, x: Array, factor: float) -> OutputAndBackward:
        self.ran.append(f"{kind} forward")

        def backward(grad_y: Array) -> tuple[Any, ...]:
            self.ran.append(f"{kind} backward")
            return (grad_y * factor,)

        return x * factor, backward


def numbers(library: str = "numpy") -> Tensor:
    return minin.tensor(put(np.array([1.0, 2.0]), library), requires_grad=True)


def test_the_fast_rule_stands_in_for_the_plain_one() -> None:
    tripled, x = Tripled(), numbers()
    with autograd.record() as tape:
        tripled.op(x).sum().backward()
    assert tripled.ran == ["fast forward", "fast backward"]
    assert tape.steps[0].kind == "fast"
    assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("mode", "kind"), [("plain", "plain"), ("im2col", "fast"), ("fast", "fast")]
)
def test_the_mode_chooses(mode: str, kind: str) -> None:
    tripled = Tripled()
    with minin.rules(mode), autograd.record() as tape:
        tripled.op(numbers())
    assert tripled.ran == [f"{kind} forward"]
    assert tape.steps[0].kind == kind


def test_a_fast_rule_can_see_the_mode() -> None:
    """How "im2col" is told from "fast": the rule asks, in forward, once."""
    seen: list[str] = []

    @differentiable
    def same(x: Array) -> OutputAndBackward:
        return x * 1, lambda grad_y: (grad_y,)

    @same.accelerate("numpy")
    def fast(x: Array) -> OutputAndBackward:
        seen.append(autograd.current_mode())
        return x * 1, lambda grad_y: (grad_y,)

    for mode in ("im2col", "fast"):
        with minin.rules(mode):
            same(numbers())
    assert seen == ["im2col", "fast"]


@pytest.mark.parametrize("registered", ["numpy", "array_api_strict", "cupy"])
@pytest.mark.parametrize("library", ["numpy", "strict"])
def test_the_library_of_the_data_chooses(registered: str, library: str) -> None:
    tripled = Tripled(registered)
    tripled.op(numbers(library))
    mine = {"numpy": "numpy", "strict": "array_api_strict"}[library]
    assert tripled.ran == ["fast forward" if registered == mine else "plain forward"]


def covers_large_factors(_: Array, *, factor: float = 3.0) -> bool:
    return factor >= 3.0


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda op, x: op(x), "fast"),
        (lambda op, x: op(x, 4.0), "fast"),
        (lambda op, x: op(x, factor=2.0), "plain"),
        (lambda op, x: op(x, 2.0), "plain"),
        (lambda op, x: op(factor=2.0, x=x), "plain"),
    ],
)
def test_outside_its_coverage_the_plain_rule_runs(call: Any, kind: str) -> None:
    tripled = Tripled(covers=covers_large_factors)
    with autograd.record() as tape:
        call(tripled.op, numbers()).sum().backward()
    assert tripled.ran == [f"{kind} forward", f"{kind} backward"]
    assert tape.steps[0].kind == kind


def test_a_fast_rule_that_declines_leaves_it_to_the_plain_one() -> None:
    ran: list[str] = []

    @differentiable
    def same(x: Array) -> OutputAndBackward:
        ran.append("plain")
        autograd.declare_branch("plain's", x > 0)
        return x * 1, lambda grad_y: (grad_y,)

    @same.accelerate("numpy")
    def fast(x: Array) -> Any:
        ran.append("fast")
        autograd.declare_branch("fast's", x > 0)
        return NotImplemented

    x = numbers()
    with autograd.record() as tape:
        y = same(x)
    y.sum().backward()
    assert ran == ["fast", "plain"]
    assert [step.kind for step in tape.steps] == ["plain"]
    assert [name for name, _ in tape.steps[0].branches] == ["plain's"]
    assert x.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("forward", "later"), [("plain", "fast"), ("fast", "plain")])
def test_forward_fixes_the_rule(forward: str, later: str) -> None:
    tripled = Tripled()
    with minin.rules(forward):
        y = tripled.op(numbers()).sum()
    with minin.rules(later):
        y.backward()
    assert tripled.ran == [f"{forward} forward", f"{forward} backward"]


def test_the_mode_is_each_threads_own() -> None:
    tripled, both = Tripled(), threading.Barrier(2, timeout=10)
    kinds: dict[str, str] = {}

    def compute(mode: str) -> None:
        with minin.rules(mode):
            both.wait()  # both threads are inside their blocks
            with autograd.record() as tape:
                tripled.op(numbers())
            both.wait()
        kinds[mode] = tape.steps[0].kind

    workers = [threading.Thread(target=compute, args=(mode,)) for mode in ("plain", "fast")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert kinds == {"plain": "plain", "fast": "fast"}


def test_one_op_may_have_fast_rules_for_several_libraries() -> None:
    tripled = Tripled("numpy")

    @tripled.op.accelerate("array_api_strict")
    def other(x: Array, *, factor: float = 3.0) -> OutputAndBackward:
        return tripled._run("strict", x, factor)

    tripled.op(numbers("strict"))
    tripled.op(numbers("numpy"))
    assert tripled.ran == ["strict forward", "fast forward"]


def test_the_plain_rule_stays_what_it_was() -> None:
    tripled = Tripled()
    y, backward = tripled.op.rule(np.array([1.0]))
    assert (y.tolist(), backward(np.array([1.0]))[0].tolist()) == ([3.0], [3.0])
    assert tripled.ran == ["plain forward", "plain backward"]


def test_an_op_keeps_name_and_docstring_and_has_both_spellings() -> None:
    @differentiable
    def shifted(x: Array, *, by: float = 1.0) -> OutputAndBackward:
        """Add a number."""
        return x + by, lambda grad_y: (grad_y,)

    assert (shifted.__name__, shifted.__doc__) == ("shifted", "Add a number.")
    assert repr(shifted).startswith("<op shifted(x")
    assert shifted(numbers(), 2.0).data.tolist() == shifted(numbers(), by=2.0).data.tolist()


def test_a_fast_rule_serves_when_the_first_argument_is_a_number() -> None:
    """The library is that of the arrays, wherever they stand."""

    @differentiable
    def weighted(x: Array, y: Array) -> OutputAndBackward:
        return x * y, lambda grad_out: (None, grad_out * x)

    weighted.accelerate("numpy")(weighted.rule)
    x = numbers()
    with autograd.record() as tape:
        weighted(2.0, x).sum().backward()
    assert tape.steps[0].kind == "fast"
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_fast_rule_serves_when_the_first_argument_is_a_list() -> None:
    @differentiable
    def total(xs: list[Array]) -> OutputAndBackward:
        return sum(xs), lambda grad_y: ([grad_y] * len(xs),)

    total.accelerate("numpy")(total.rule)
    x = numbers()
    with autograd.record() as tape:
        total([x, x]).sum().backward()
    assert tape.steps[0].kind == "fast"
    assert x.grad.tolist() == [2.0, 2.0]
