"""Clocks that stop only when the work is done.

An array library may return before it has computed: the call has been queued. A clock that is
read then measures the asking and not the work. So a clock here is made with the function that
waits for the library, calls it after every timed call, and cannot be made without one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from minin.errors import BackendUnavailableError

Call = Callable[[], Any]


class Clock(Protocol):
    """What tells how long a call takes.

    Attributes:
        resolution: the shortest time, in seconds, that it can tell from none.
        most_calls: how many calls may share one reading.
    """

    resolution: float
    most_calls: int

    def seconds(self, call: Call, calls: int) -> float:
        """Return the seconds of one call, in the mean over ``calls``, each ended synchronised."""


def need_synchronise(name: str, synchronise: Callable[[], None] | None) -> Callable[[], None]:
    """Return the function that waits for a library; refuse where there is none.

    Raises:
        BackendUnavailableError: if it is None; a time would say nothing.

    Example:
        >>> need_synchronise("dask", None)
        Traceback (most recent call last):
        ...
        minin.errors.BackendUnavailableError: dask: minin knows no way to wait until it has ...
    """
    if synchronise is None:
        raise BackendUnavailableError(
            f"{name}: minin knows no way to wait until it has computed, so the time would be "
            "too short; no number is given"
        )
    return synchronise


class WallClock:
    """`time.perf_counter`, read when the library has finished.

    Args:
        name: whose clock it is, for the refusal.
        synchronise: returns when all that was asked for is computed.
        read: returns seconds.

    Raises:
        BackendUnavailableError: if ``synchronise`` is None.
    """

    most_calls = 1_000_000

    def __init__(
        self,
        name: str,
        synchronise: Callable[[], None] | None,
        read: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.synchronise = need_synchronise(name, synchronise)
        self.read = read
        self.resolution = resolution_of(read)

    def seconds(self, call: Call, calls: int) -> float:
        """Return the mean seconds of a call."""
        synchronise = self.synchronise
        start = self.read()
        for _ in range(calls):
            call()
            synchronise()
        return (self.read() - start) / calls


class EventClock:
    """CUDA's events: the device itself notes when the work begins and ends.

    Args:
        name: whose clock it is, for the refusal.
        synchronise: waits for the device.
        event: makes an event, with ``record`` and ``synchronize``.
        elapsed: returns the milliseconds between two events.

    Raises:
        BackendUnavailableError: if ``synchronise`` is None.
    """

    resolution = 5e-7  # CUDA's word for its events
    most_calls = 1  # a pair of events a call

    def __init__(
        self,
        name: str,
        synchronise: Callable[[], None] | None,
        event: Callable[[], Any],
        elapsed: Callable[[Any, Any], float],
    ) -> None:
        self.synchronise = need_synchronise(name, synchronise)
        self.start, self.stop = event(), event()
        self.elapsed = elapsed

    def seconds(self, call: Call, calls: int) -> float:
        """Return the mean seconds of a call."""
        total = 0.0
        for _ in range(calls):
            self.start.record()
            call()
            self.stop.record()
            self.stop.synchronize()
            total += self.elapsed(self.start, self.stop) / 1000
        return total / calls


def resolution_of(read: Callable[[], float], tries: int = 50) -> float:
    """Return the shortest time between two readings that differ.

    Example:
        >>> ticks = iter([0.0, 0.0, 0.5, 0.5, 0.5, 1.5, 1.5, 1.75])
        >>> resolution_of(lambda: next(ticks), tries=3)
        0.25
    """
    shortest = float("inf")
    for _ in range(tries):
        start = read()
        while (now := read()) == start:
            pass
        shortest = min(shortest, now - start)
    return shortest
