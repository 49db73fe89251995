"""What a plain `pytest` leaves out: the tests marked `thorough`, and most of the examples.

`MININ_THOROUGH=1 pytest` runs them too, as continuous integration does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
THOROUGH = os.environ.get("MININ_THOROUGH") == "1"


def examples(count: int) -> int:
    """Return how many examples to draw: all of them, or an eighth, but at least four."""
    return count if THOROUGH else min(count, max(4, count // 8))


def mostly_thorough(rows: Iterable[T], quick: Callable[[T], bool]) -> list[Any]:
    """Return rows for `parametrize`: those that `quick` does not choose are thorough."""
    marked = []
    for row in rows:
        several: Any = row if type(row) is tuple else (row,)  # a value for each argument
        marked.append(pytest.param(*several, marks=() if quick(row) else pytest.mark.thorough))
    return marked
