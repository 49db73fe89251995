"""What a program has to offer to be measured.

A module that `child` can run has two functions, the second mostly a class derived from `Program`:

    versions() -> dict      imports the library and names its version; raises ImportError, or
                            Missing with a reason, where it cannot be had; may be left out
    start(job) -> Program   builds all that the turns need

It is imported in the peer's own environment, so it names nothing but the standard library,
NumPy and that one peer, and neither minin nor this package's parent side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Job = dict[str, Any]


class Missing(Exception):  # noqa: N818  # no error: it says why a peer sits this one out
    """What a peer needs is not there."""


@dataclass(frozen=True)
class Counted:
    """What one turn found.

    Attributes:
        numbers: by what was measured: seconds a call, unless the question says otherwise.
        seconds: all that was counted, by which the next turns' length is chosen.
    """

    numbers: dict[str, float]
    seconds: float


class Program:
    """What takes turns."""

    def first(self) -> None:
        """Run once, so that whatever is compiled is compiled."""
        self.turn(1)

    def turn(self, calls: int) -> Counted:
        """Measure ``calls`` calls."""
        raise NotImplementedError

    def check(self) -> dict[str, Any]:
        """Return what shows that this is the program that it should be."""
        return {}

    def facts(self) -> dict[str, Any]:
        """Return "threads" and "settings", asked for at the end."""
        return {}


def per_call(step: Callable[[], object], calls: int, name: str = "step") -> Counted:
    """Call once without counting, for the caches, which others have used since; then count."""
    step()
    start = time.perf_counter()
    for _ in range(calls):
        step()
    taken = time.perf_counter() - start
    return Counted({name: taken / calls}, taken)
