"""What holds for the code that runs now: is it recorded, is there a tape, which rules serve.

All three are kept in one context variable, so that every thread and every asyncio task has
its own, and an operation pays for one look-up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from minin.autograd.tape import Tape
from minin.backend import Array
from minin.errors import UnknownNameError

RULE_MODES = ("plain", "im2col", "fast")


@dataclass(frozen=True)
class State:
    """The settings of one context.

    Attributes:
        recording: whether operations join the graph that backward walks.
        mode: "plain" runs the plain rules, "fast" the tuned ones where there are some,
            "im2col" the tuned ones that compute the very sums of the plain rules (no Winograd).
        tape: the innermost `record`, or None.
    """

    recording: bool = True
    mode: str = "fast"
    tape: Tape | None = None


def _checked(mode: str) -> str:
    if mode not in RULE_MODES:
        raise UnknownNameError.among("rules", mode, RULE_MODES)
    return mode


_INITIAL = State(mode=os.environ.get("MININ_RULES", "fast"))  # checked where it is used
STATE: ContextVar[State] = ContextVar("minin", default=_INITIAL)


@contextmanager
def settings(**changes: object) -> Iterator[State]:
    """Change settings for the block, and put back what was there before."""
    token = STATE.set(replace(STATE.get(), **changes))  # type: ignore[arg-type]
    try:
        yield STATE.get()
    finally:
        STATE.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording a graph; also a decorator.

    Example:
        >>> w = minin.tensor([1.0, 2.0], requires_grad=True)
        >>> with minin.no_grad():
        ...     y = w * 3
        >>> y.requires_grad
        False
    """
    with settings(recording=False):
        yield


@contextmanager
def rules(mode: str) -> Iterator[None]:
    """Choose which rules run in the block: "plain", "im2col" or "fast".

    Raises:
        UnknownNameError: if ``mode`` is none of the three.

    Example:
        >>> with minin.rules("plain"):
        ...     print(minin.ops.relu(minin.tensor([[2.0]])))
        Tensor([[2.]], dtype=float32)
    """
    with settings(mode=_checked(mode)):
        yield


def current_mode() -> str:
    """Return the mode that `rules` or the variable MININ_RULES chose.

    Raises:
        UnknownNameError: if the variable names none of the three.
    """
    return _checked(STATE.get().mode)


@contextmanager
def record() -> Iterator[Tape]:
    """Keep every operation of the block, for those who want to look: checkers, drawings, tests.

    Each leaves a step with its arguments, its branches and, after backward, the gradient that
    arrived there. A tape within a tape keeps its own steps, and hands them to the outer one at
    its end. Without a tape nothing is kept.

    Example:
        >>> x = minin.tensor([-1.0, 2.0], requires_grad=True)
        >>> with minin.autograd.record() as tape:
        ...     minin.ops.relu(x).sum().backward()
        >>> tape.steps
        [Step(relu, fast, output (2,)), Step(sum, plain, output ())]
        >>> tape.steps[0].branches
        [('mask', array([False,  True]))]
    """
    tape, outer = Tape(), STATE.get().tape
    try:
        with settings(tape=tape):
            yield tape
    finally:
        if outer is not None:
            outer.steps.extend(tape.steps)


def declare_branch(name: str, branch: Array) -> None:
    """Declare a branch that the running rule took, such as a ReLU's mask or a pooling's winners.

    With it a checker knows exactly where a kink was crossed. It costs next to nothing without
    a tape.
    """
    tape = STATE.get().tape
    if tape is not None and tape.running is not None:
        tape.running.branches.append((name, branch))
