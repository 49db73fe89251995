"""Peers are processes: they answer, sleep, and when they die they are named."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.harness.errors import MissingError, PeerError
from benchmarks.harness.meter import cpu_seconds
from benchmarks.harness.peers import MOST_CALLS, Entrant, FreshPeer, Peer, environment
from tests.benchmarks.fakes import FAKE, entrant


@pytest.fixture
def started() -> Iterator[Callable[[Entrant], Peer]]:
    peers: list[Peer] = []

    def start(one: Entrant) -> Peer:
        peers.append(Peer(one))
        peers[-1].start()
        return peers[-1]

    yield start
    for peer in peers:
        peer.end()
        assert peer.process.returncode is not None


def test_a_peer_answers_whatever_its_library_prints(started: Callable[[Entrant], Peer]) -> None:
    peer = started(entrant("A", seconds=0.5))
    peer.run_first()
    turn = peer.turn()
    assert turn.numbers == {"step": 0.5}
    assert turn.cpu is not None
    assert peer.versions["fake"] == "1.0"
    assert peer.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    found = peer.ask("facts")
    assert found["threads"] == 1
    assert 0 < found["memory"]["after_imports"] <= found["memory"]["peak"]


def test_the_length_of_a_turn_is_chosen(started: Callable[[Entrant], Peer]) -> None:
    peer = started(entrant("A", seconds=0.1))
    peer.turn()
    peer.settle_calls(0.45)
    assert peer.calls == 4
    peer.turn()  # 0.2 a call now
    peer.settle_calls(0.0)
    assert peer.calls == 1
    fast = started(entrant("B", seconds=1e-9))
    fast.turn()
    fast.settle_calls(1.0)
    assert fast.calls == MOST_CALLS


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="no /proc here")
def test_a_waiting_peer_uses_no_processor_time(started: Callable[[Entrant], Peer]) -> None:
    peer = started(entrant("A"))
    peer.ask("turn", calls=1, settle=0.2)  # as in earnest: NumPy's threads come to rest
    before = cpu_seconds(peer.pids())
    time.sleep(0.3)
    assert cpu_seconds(peer.pids()) == before


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        ({"killed at": 2}, r"B was killed by SIGKILL \(at 'turn'\); its last words: last words"),
        ({"ends at": 2}, r"B ended with exit code 3 \(at 'turn'\)"),
        ({"fails at": 2}, r"B stopped \(at 'turn'\): ValueError: nothing to multiply"),
    ],
)
def test_a_peer_that_dies_is_named(
    job: dict[str, int], sentence: str, started: Callable[[Entrant], Peer]
) -> None:
    peer = started(entrant("B", **job))
    peer.turn()
    with pytest.raises(PeerError, match=sentence):
        peer.turn()


def test_a_peer_that_was_killed_between_turns_is_named(
    started: Callable[[Entrant], Peer],
) -> None:
    peer = started(entrant("B"))
    os.kill(peer.process.pid, signal.SIGKILL)
    with pytest.raises(PeerError, match="B was killed by SIGKILL"):
        peer.turn()


def test_what_is_not_installed_says_so(started: Callable[[Entrant], Peer]) -> None:
    with pytest.raises(MissingError, match="fake is not installed"):
        Peer(Entrant("A", FAKE, {}, environment={"FAKE_MISSING": "1"}))
    with pytest.raises(MissingError, match=r"No module named 'no_such_library' \(Python 3"):
        started(entrant("A", needs="no_such_library"))
    with pytest.raises(MissingError, match="no_such_module"):
        Peer(Entrant("A", "benchmarks.no_such_module", {}))


def test_the_environment_holds_nothing_that_tunes(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("MININ_RULES", "OMP_NUM_THREADS", "PYTHONWARNINGS"):
        monkeypatch.setenv(key, "plain")
    monkeypatch.setenv("MININ_DATA", "images")
    found = environment({"MININ_RULES": "im2col"})
    assert found["MININ_RULES"] == "im2col"
    assert found["MININ_DATA"] == "images"
    assert "OMP_NUM_THREADS" not in found
    assert "PYTHONWARNINGS" not in found


def test_ctrl_c_is_for_the_parent_alone(started: Callable[[Entrant], Peer]) -> None:
    peer = started(entrant("A"))
    assert os.getpgid(peer.process.pid) != os.getpgid(0)


def test_a_fresh_peer_starts_a_process_for_every_turn() -> None:
    peer = FreshPeer(entrant("A", seconds=1.0))
    peer.start()
    assert peer.ask("check")["found"] == {"parameters": 1}
    peer.run_first()
    turns = [peer.turn() for _ in range(2)]
    assert all(turn.numbers["peak"] > 1e6 for turn in turns)
    assert peer.pids() == []
    assert peer.ask("facts")["memory"]["peak"] == turns[-1].numbers["peak"]
    peer.end()
