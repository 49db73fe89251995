"""An answer's functions as the gradient checker calls them: forward here, backward in the child.

Slopes are measured on the reference, so an answer cannot bend the measure. The answer's own
forward runs in the child when its cache is wanted, once for each cache, and never for a slope.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from minin.exercises.child import AnswerProcess
from minin.exercises.tasks import Pair, SlopeCheck


def remote(child: AnswerProcess, name: str) -> Callable[..., Any]:
    """Return a function that calls the answer's, and changes what that has changed."""
    return partial(_call, child, name)


def _call(child: AnswerProcess, name: str, *arguments: Any) -> Any:
    value, changed = child.call(name, *arguments)
    for place, now in changed.items():
        if 0 <= place < len(arguments) and np.shape(now) == np.shape(arguments[place]):
            arguments[place][...] = now
    return value


def slopes_of(child: AnswerProcess, pair: Pair) -> SlopeCheck:
    """Make a check of a pair's gradients."""

    def forward(*inputs: Any, **params: Any) -> tuple[Any, Callable[[], Any]]:
        given = [np.copy(x) for x in inputs]

        @cache
        def made() -> Any:
            came = child.call(pair.forward, *given, *params.values(), keep=True)[0]
            if not isinstance(came, tuple) or len(came) != 2:
                raise TypeError(type(came).__name__)
            return came[1]

        return pair.run(*inputs, **params)[0], made

    def backward(grad_y: Any, made: Callable[[], Any]) -> Any:
        return _call(child, pair.backward, grad_y, made())

    return SlopeCheck(pair.backward, forward, backward, pair.inputs, pair.op, pair.params)
