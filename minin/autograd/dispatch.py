"""What comes before a rule: do the shapes fit, which rule is it, does a tape want to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minin import backend
from minin.autograd import guards
from minin.autograd.calling import Called
from minin.autograd.shapes_line import ShapesLine
from minin.autograd.state import STATE, current_mode
from minin.autograd.tape import Step
from minin.backend import Array

Rule = Callable[..., Any]


class Dispatched(Called):
    """A rule, its Shapes line, and what may stand in for it.

    Attributes:
        shapes: what every call's arrays must be like.
        fast: for each array library (covers, fast rule).
        special: whether `run` has more to do than to run the plain rule.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.shapes = ShapesLine(self.__name__, rule.__doc__, self.arrays, self._defaults)
        self.special = bool(self.shapes.arguments)
        self.fast: dict[str, tuple[Callable[..., bool], Rule]] = {}

    def accelerate(
        self, library: str, covers: Callable[..., bool] | None = None
    ) -> Callable[[Rule], Rule]:
        """Register a fast rule, of the same signature and contract, for one array library.

        Args:
            library: "numpy", "cupy", or another library's name.
            covers: called like the rule, tells whether the fast rule takes such arguments;
                outside this coverage, or where the rule returns NotImplemented, the plain
                rule runs.
        """

        def register(rule: Rule) -> Rule:
            self.special = True
            self.fast[library] = (covers or (lambda *_, **__: True), rule)
            return rule

        return register


def run(op: Dispatched, arrays: list[Any], parameters: dict[str, Any]) -> Any:
    """Run the best rule of ``op``; with a tape, note there what it does, backward included."""
    if op.shapes.arguments:
        op.shapes.check_call(arrays, parameters)
    tape = STATE.get().tape
    if tape is None:
        if not op.fast:
            return op.rule(*arrays, **parameters)
        return _choose_and_run(op, arrays, parameters, [])[0]
    step = tape.running = Step(op, "plain", tuple(arrays), parameters)
    try:
        pair, step.kind = _choose_and_run(op, arrays, parameters, step.branches)
    finally:
        tape.running = None
    step.output, backward = guards.checked_pair(op, pair)
    tape.steps.append(step)

    def backward_on_tape(grad_y: Array) -> Any:
        step.grad_y = backend.as_array(grad_y)
        return backward(grad_y)

    backward_on_tape.__wrapped__ = backward  # type: ignore[attr-defined]  # as functools.wraps does
    return step.output, backward_on_tape


def _choose_and_run(
    op: Dispatched, arrays: list[Any], parameters: dict[str, Any], branches: list[Any]
) -> tuple[Any, str]:
    fast = op.fast and current_mode() != "plain" and op.fast.get(_library(arrays))
    if fast and fast[0](*arrays, **parameters):
        pair = fast[1](*arrays, **parameters)
        if pair is not NotImplemented:
            return pair, "fast"
        branches.clear()  # those of the rule that declined
    return op.rule(*arrays, **parameters), "plain"


def _library(arrays: list[Any]) -> str:
    """Name the library of the first array, also of one in a list."""
    flat = (x for a in arrays for x in (a if isinstance(a, list) else [a]))
    return next((backend.library(x) for x in flat if backend.is_array(x)), "")
