"""An answer's functions as the gradient checker calls them: forward here, backward in the child.

Slopes are measured on the reference, so an answer cannot bend the measure. The answer's own
forward runs in the child when its cache is wanted, once for each cache, and never for a slope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from minin.exercises.child import AnswerProcess
from minin.exercises.tasks import Pair, SlopeCheck


class _Cache:
    """A cache that the answer's forward has yet to make."""

    def __init__(self, child: AnswerProcess, forward: str, arguments: tuple[Any, ...]) -> None:
        self.child, self.forward = child, forward
        self.arguments = tuple(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments)
        self.made: Any = None

    def get(self) -> Any:
        """Make it, unless it is there."""
        if self.made is None:
            came = self.child.call(self.forward, *self.arguments, keep=True)[0]
            if not isinstance(came, tuple) or len(came) != 2:
                raise TypeError(type(came).__name__)
            self.made = came[1]
        return self.made


class Remote(Mapping[str, Callable[..., Any]]):
    """The answer's functions by their names.

    Args:
        child: holds them.
        names: of the functions.
    """

    def __init__(self, child: AnswerProcess, names: Iterable[str]) -> None:
        self.child, self.names = child, tuple(names)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """Return a function that calls the answer's, and changes what that has changed."""

        def function(*arguments: Any) -> Any:
            value, changed = self.child.call(name, *arguments)
            for place, now in changed.items():
                if 0 <= place < len(arguments) and now.shape == arguments[place].shape:
                    arguments[place][...] = now
            return value

        return function

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self.names)

    def __len__(self) -> int:
        """Count them."""
        return len(self.names)

    def slopes(self, pair: Pair) -> SlopeCheck:
        """Make a check of a pair's gradients."""

        def forward(*inputs: Any, **params: Any) -> tuple[Any, _Cache]:
            given = (*inputs, *params.values())
            return pair.run(*inputs, **params)[0], _Cache(self.child, pair.forward, given)

        def backward(grad_y: Any, cache: _Cache) -> Any:
            return self[pair.backward](grad_y, cache.get())

        return SlopeCheck(pair.backward, forward, backward, pair.inputs, pair.op, pair.params)
