"""`record`: keep what ran, for those who want to look: checkers, drawings, tests.

Without a tape nothing is kept. With one, every operation leaves a `Step`; backward adds the
cotangent that arrived there. Rules with branches (a ReLU's mask, a pooling's winners) declare
them with `declare_branch`, so that a checker knows exactly where a kink was crossed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from minin.autograd.state import STATE, settings
from minin.backend import Array

if TYPE_CHECKING:
    from minin.autograd.op import Op


@dataclass
class Step:
    """One operation that ran.

    Attributes:
        op: the operation; ``op.rule`` is its plain rule.
        kind: which rule ran, "plain" or "fast".
        arguments: its arrays, as the rule received them.
        parameters: its other arguments by name.
        output: the array it returned.
        branches: (name, array) for each branch the rule declared, in order.
        cotangent: what backward brought to the output; None until then.
    """

    op: Op
    kind: str
    arguments: tuple[Any, ...]
    parameters: dict[str, Any]
    output: Array = None
    branches: list[tuple[str, Array]] = field(default_factory=list)
    cotangent: Array = None

    def __repr__(self) -> str:
        """Return the operation's name, its rule's kind and the shape it gave."""
        shape = None if self.output is None else tuple(self.output.shape)
        return f"Step({self.op.__name__}, {self.kind}, output {shape})"


@dataclass
class Tape:
    """The steps of one `record` block, in the order in which they ran."""

    steps: list[Step] = field(default_factory=list)
    running: Step | None = None

    @contextmanager
    def step(self, op: Op, arrays: list[Any], parameters: dict[str, Any]) -> Iterator[Step]:
        """Keep a step while its rule runs in the block; a rule that fails leaves none."""
        self.running = Step(op, "plain", tuple(arrays), parameters)
        try:
            yield self.running
            self.steps.append(self.running)
        finally:
            self.running = None


@contextmanager
def record() -> Iterator[Tape]:
    """Keep every operation of the block, with its arguments, branches and cotangents.

    A tape within a tape keeps its own steps, and hands them to the outer one at its end.

    Example:
        >>> import minin
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
    """Declare a branch that the running rule took; costs next to nothing without a tape."""
    tape = STATE.get().tape
    if tape is not None and tape.running is not None:
        tape.running.branches.append((name, branch))


def drop_branches() -> None:
    """Drop the branches that the running step has so far."""
    tape = STATE.get().tape
    if tape is not None and tape.running is not None:
        tape.running.branches.clear()
