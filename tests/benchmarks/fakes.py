"""Meters, peers and results that a test can set as it likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness.meter import Load
from benchmarks.harness.options import Options
from benchmarks.harness.peers import Entrant, Turn
from benchmarks.harness.question import Question, put

FAKE = "tests.benchmarks.fake_peer"


@dataclass
class FakeMeter:
    """Says, one after the other, how much others used; then that it is quiet."""

    loads: list[float] = field(default_factory=list)
    looks: int = 0

    def start(self) -> None:
        self.looks += 1

    def stop(self) -> Load:
        used = self.loads.pop(0) if self.loads else 0.0
        return Load(used, (("compiler (7)", used),))


@dataclass
class Caller:
    """A peer without a process, that writes down when it is called."""

    name: str
    calls: list[str]
    numbers: list[float] = field(default_factory=list)
    cpu: float | None = None
    stop_at: int = 0

    def turn(self) -> Turn:
        self.calls.append(self.name)
        if self.stop_at and self.calls.count(self.name) == self.stop_at:
            raise KeyboardInterrupt
        number = self.numbers.pop(0) if self.numbers else 1.0
        return Turn({"step": number}, self.cpu)

    def pids(self) -> list[int]:
        return []


def entrant(name: str, **job: Any) -> Entrant:
    """Enter a fake."""
    return Entrant(name, FAKE, job)


def captured(
    main: Callable[[Sequence[str]], int], argv: Sequence[str], patch: Any
) -> tuple[Question, tuple[str, ...]]:
    """Return the question that a script puts, and who shall take part, without putting it."""
    found: list[tuple[Question, tuple[str, ...]]] = []

    def keep(question: Question, options: Options) -> int:
        found.append((question, options.only))
        return 0

    patch.setattr("benchmarks.harness.question.put", keep)
    assert main(argv) == 0
    return found[0]


def answered(question: Question, folder: Path, **options: Any) -> int:
    """Put a question on a quiet machine, with results going to ``folder``."""
    shown = Options(results=folder, machine="test", rounds=5, warm_up=1, turn_seconds=0.0)
    return put(question, Options(**(vars(shown) | options)), FakeMeter())
