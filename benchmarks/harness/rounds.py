"""Who takes a turn when, and which rounds count.

In a round every peer takes one turn: A B C, A B C, A B C. What slows the machine down for a
minute then slows all of them, and their ratio, taken round by round, stays. A round in which
others used the machine, or a peer did not sleep while it was another's turn, does not count
and is repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.meter import LIMIT, Load, Meter, cpu_seconds
from benchmarks.harness.peers import Turn


class Turner(Protocol):
    """What can take turns."""

    name: str

    def turn(self) -> Turn:
        """Take a turn."""

    def pids(self) -> list[int]:
        """Name the processes that have to sleep while it is another's turn."""


@dataclass
class Rounds:
    """What the rounds that count have found.

    Attributes:
        numbers: by peer and by what was measured, one number a round.
        others: what other processes used in each round, in cores.
        repeated: rounds that did not count.
    """

    numbers: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)
    repeated: int = 0

    def keep(self, turns: dict[str, Turn], load: Load) -> None:
        """Count a round."""
        for name, turn in turns.items():
            mine = self.numbers.setdefault(name, {})
            for key, value in turn.numbers.items():
                mine.setdefault(key, []).append(value)
        self.others.append(load.others)

    def __len__(self) -> int:
        return len(self.others)


def one_round(peers: Sequence[Turner]) -> dict[str, Turn]:
    """Let every peer take one turn, in their order."""
    return {peer.name: peer.turn() for peer in peers}


def measure(
    peers: Sequence[Turner],
    meter: Meter | None,
    rounds: int,
    attempts: int,
    into: Rounds,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Take rounds until enough of them count; what was measured is in ``into`` at any moment.

    Args:
        peers: in the order of their turns.
        meter: tells how busy others are; None to believe every round, as a smoke run does.
        rounds: how many must count.
        attempts: how often one round is tried.
        into: is filled.
        say: is told what happens.

    Raises:
        RefusedError: if one round was disturbed in every attempt.
    """
    for number in range(rounds):
        for attempt in range(attempts):
            turns, load = _watched_round(peers, meter)
            if load.quiet:
                into.keep(turns, load)
                say(f"round {number + 1} of {rounds}")
                break
            into.repeated += 1
            say(f"round {number + 1} does not count, attempt {attempt + 1}: {load}")
        else:
            raise RefusedError(
                f"not measured: round {number + 1} was disturbed {attempts} times; the last time "
                f"{load}; at most {LIMIT:.0%} are allowed"
            )


def _watched_round(peers: Sequence[Turner], meter: Meter | None) -> tuple[dict[str, Turn], Load]:
    """Take a round, and see what was done meanwhile by anyone whose turn it was not."""
    if meter is None:
        return one_round(peers), Load(0.0)
    meter.start()
    start = time.monotonic()
    before = {peer.name: cpu_seconds(peer.pids()) for peer in peers}
    turns = one_round(peers)
    after = {peer.name: cpu_seconds(peer.pids()) for peer in peers}
    seconds = time.monotonic() - start
    awake = {
        f"{name}, while it should have slept": after[name] - before[name] - turn.cpu
        for name, turn in turns.items()
        if turn.cpu is not None
    }
    return turns, _with_awake(meter.stop(), awake, seconds)


def _with_awake(load: Load, awake: dict[str, float], seconds: float) -> Load:
    """Count peers that did not sleep among the others."""
    shares = {name: cpu / max(seconds, 1e-9) for name, cpu in awake.items()}
    worst = max(shares.values(), default=0.0)
    if worst <= LIMIT:
        return load
    busiest = sorted([*shares.items(), *load.busiest], key=lambda item: -item[1])[:3]
    return Load(max(load.others, worst), tuple(busiest))
