"""What `record` keeps: a tape of steps. Data only; `state` and `dispatch` fill it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from minin.backend import Array


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
        grad_y: the gradient that backward brought to the output; None until then.
    """

    op: Any
    kind: str
    arguments: tuple[Any, ...]
    parameters: dict[str, Any]
    output: Array = None
    branches: list[tuple[str, Array]] = field(default_factory=list)
    grad_y: Array = None

    def __repr__(self) -> str:
        """Return the operation's name, its rule's kind and the shape it gave."""
        shape = None if self.output is None else tuple(self.output.shape)
        return f"Step({self.op.__name__}, {self.kind}, output {shape})"


@dataclass
class Tape:
    """The steps of one `record` block, in the order in which they ran.

    Attributes:
        steps: those that have run; a rule that failed leaves none.
        running: the one whose rule runs now, or None.
    """

    steps: list[Step] = field(default_factory=list)
    running: Step | None = None
