"""The order of turns, and which rounds count."""

from __future__ import annotations

import pytest

from benchmarks.harness import rounds as rounds_file
from benchmarks.harness.errors import RefusedError
from benchmarks.harness.rounds import Rounds, measure, one_round
from tests.benchmarks.fakes import Caller, FakeMeter


def test_turns_go_a_b_c_a_b_c() -> None:
    calls: list[str] = []
    peers = [Caller(name, calls) for name in "ABC"]
    found = Rounds()
    measure(peers, FakeMeter(), 3, 1, found)
    assert calls == list("ABCABCABC")
    assert len(found) == 3


def test_what_was_measured_is_kept_round_by_round() -> None:
    peers = [Caller("A", [], [1.0, 2.0]), Caller("B", [], [3.0, 4.0])]
    found = Rounds()
    measure(peers, FakeMeter(), 2, 1, found)
    assert found.numbers == {"A": {"step": [1.0, 2.0]}, "B": {"step": [3.0, 4.0]}}


def test_a_disturbed_round_does_not_count_and_is_repeated() -> None:
    peers = [Caller("A", [], [1.0, 99.0, 2.0]), Caller("B", [], [3.0, 99.0, 4.0])]
    found, said = Rounds(), list[str]()
    measure(peers, FakeMeter([0.01, 0.5, 0.02]), 2, 3, found, said.append)
    assert found.numbers == {"A": {"step": [1.0, 2.0]}, "B": {"step": [3.0, 4.0]}}
    assert found.others == [0.01, 0.02]
    assert found.repeated == 1
    assert any("does not count" in line and "compiler (7) 50%" in line for line in said)


def test_a_machine_that_stays_busy_is_refused_and_the_busiest_is_named() -> None:
    found = Rounds()
    with pytest.raises(RefusedError, match=r"disturbed 3 times.*compiler \(7\) 80%"):
        measure([Caller("A", [])], FakeMeter([0.0, 0.8, 0.8, 0.8]), 5, 3, found)
    assert found.numbers == {"A": {"step": [1.0]}}


@pytest.mark.parametrize(("used", "counts"), [(0.05, True), (0.0501, False)])
def test_the_limit_is_five_percent_of_a_core(used: float, counts: bool) -> None:
    found = Rounds()
    measure([Caller("A", [])], FakeMeter([used]), 1, 2, found)
    assert found.repeated == (not counts)


def test_a_peer_that_does_not_sleep_disturbs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, spun = [0.0], [0.0]

    def monotonic() -> float:
        clock[0] += 1.0
        return clock[0]

    def cpu_seconds(_: list[int]) -> float:
        spun[0] += 0.25
        return spun[0]

    monkeypatch.setattr("time.monotonic", monotonic)
    monkeypatch.setattr(rounds_file, "cpu_seconds", cpu_seconds)
    with pytest.raises(RefusedError, match="A, while it should have slept 25%"):
        measure([Caller("A", [], cpu=0.0)], FakeMeter(), 1, 1, Rounds())
    # What it uses in its own turn is its own affair.
    measure([Caller("A", [], cpu=0.25)], FakeMeter(), 1, 1, found := Rounds())
    assert len(found) == 1


def test_ctrl_c_leaves_what_was_measured() -> None:
    found = Rounds()
    with pytest.raises(KeyboardInterrupt):
        measure([Caller("A", [], stop_at=3)], FakeMeter(), 5, 1, found)
    assert found.numbers == {"A": {"step": [1.0, 1.0]}}


def test_a_round_is_one_turn_each() -> None:
    calls: list[str] = []
    assert list(one_round([Caller("A", calls), Caller("B", calls)])) == ["A", "B"]
    assert calls == ["A", "B"]
