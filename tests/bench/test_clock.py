"""Clocks stop when the work is done, and refuse where nobody knows when that is."""

from __future__ import annotations

from typing import Any

import pytest

from minin.bench.clock import EventClock, WallClock, need_synchronise
from minin.errors import BackendUnavailableError
from tests.bench.fakes import Ticks


class Event:
    log: list[str]

    def __init__(self) -> None:
        self.number = len([word for word in Event.log if word == "made"])
        Event.log.append("made")

    def record(self) -> None:
        Event.log.append(f"record {self.number}")

    def synchronize(self) -> None:
        Event.log.append(f"wait {self.number}")


def test_every_timed_call_ends_synchronised() -> None:
    log: list[str] = []
    clock = WallClock("x", lambda: log.append("wait"), Ticks())
    assert clock.seconds(lambda: log.append("call"), 3) == pytest.approx(1 / 3)
    assert log == ["call", "wait"] * 3


def test_events_stand_around_the_call_and_are_waited_for() -> None:
    Event.log = log = []
    clock = EventClock("x", lambda: None, Event, lambda one, two: 5.0 * (two.number - one.number))
    assert clock.seconds(lambda: log.append("call"), 1) == pytest.approx(0.005)
    assert log == ["made", "made", "record 0", "call", "record 1", "wait 1"]


def events(name: str, synchronise: Any) -> EventClock:
    return EventClock(name, synchronise, Event, lambda *_: 0.0)


@pytest.mark.parametrize("clock", [WallClock, events])
def test_no_clock_without_a_way_to_wait(clock: Any) -> None:
    with pytest.raises(BackendUnavailableError, match="the time would be too short; no number"):
        clock("lazy", None)


def test_a_way_to_wait_is_passed_on() -> None:
    def wait() -> None: ...

    assert need_synchronise("x", wait) is wait
