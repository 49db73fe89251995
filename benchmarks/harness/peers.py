"""One process for each program that is measured.

A peer is started once and lives until all its rounds are over. Between its turns it waits for
the next word in a read of a pipe, so it uses no processor time; `benchmarks.harness.rounds`
makes sure of that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness.errors import MissingError, PeerError
from benchmarks.harness.programs import Job
from minin.bench.pipe import Child

ROOT = Path(__file__).resolve().parents[2]
TURN_SECONDS = 0.5  # how long a turn counts, at least
MOST_CALLS = 10_000
SETTLE = 0.1  # seconds at the end of a turn, in which a library's threads may stop to spin
# How many threads a library uses is its own decision, unless the question says otherwise.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Entrant:
    """Who shall take part.

    Attributes:
        name: what tables call it.
        module: the module that `benchmarks.harness.child` runs.
        job: what that module's ``start`` is given.
        python: the interpreter of its environment; None for this one.
        environment: variables to set.
        family: the name by which the command line knows it, where that is another.
    """

    name: str
    module: str
    job: Job
    python: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    family: str = ""


@dataclass(frozen=True)
class Turn:
    """What one turn brought.

    Attributes:
        numbers: by what was measured.
        cpu: seconds of processor time that the peer used in it; None if that does not matter.
    """

    numbers: dict[str, float]
    cpu: float | None = None


class Peer:
    """A process that takes turns.

    Raises:
        MissingError: if what it needs is not installed where it runs.
        PeerError: if it dies, or stops with an error; by any method.
    """

    def __init__(self, entrant: Entrant) -> None:
        self.name = entrant.name
        self.entrant = entrant
        self.calls = 1
        self.first_call = 0.0
        self.cores: list[float] = []
        self._seconds = 0.0  # of the last turn
        python = entrant.python or sys.executable
        self.child = Child(
            [python, "-m", "benchmarks.harness.child", entrant.module],
            cwd=ROOT,
            env=environment(entrant.environment),
        )
        self.process = self.child.process
        try:
            self.versions: dict[str, str] = self.ask("begin")["versions"]
        except BaseException:
            self.end()
            raise

    def ask(self, do: str, **word: Any) -> dict[str, Any]:
        """Say one word, and wait for the answer."""
        self.child.say({"do": do, **word})
        answer: dict[str, Any] | None = next(self.child.answers(), None)
        if answer is None:
            how, said = self.child.ending(), self.child.last_words()
            last = f"; its last words: {said}" if said else ""
            raise PeerError(f"{self.name} {how} (at {do!r}){last}")
        if "missing" in answer:
            raise MissingError(answer["missing"])
        if "error" in answer:
            raise PeerError(f"{self.name} stopped (at {do!r}): {answer['error']}")
        return answer

    def start(self) -> None:
        """Build the program."""
        self.ask("start", job=self.entrant.job)

    def run_first(self) -> None:
        """Call it once; compilation is paid for here."""
        self.first_call = self.ask("first", settle=SETTLE)["seconds"]

    def turn(self) -> Turn:
        """Take a turn."""
        answer = self.ask("turn", calls=self.calls, settle=SETTLE)
        self._seconds = answer["seconds"]
        self.cores.append(answer["cores"])
        return Turn(answer["numbers"], answer["cpu"])

    def settle_calls(self, seconds: float = TURN_SECONDS) -> None:
        """Choose how many calls make a turn, by the length of the last one."""
        one = self._seconds / self.calls
        self.calls = max(1, min(MOST_CALLS, round(seconds / one))) if one > 0 else MOST_CALLS
        self.cores.clear()

    def pids(self) -> list[int]:
        """Name the processes whose work is this peer's."""
        return [self.process.pid]

    def end(self) -> None:
        """End the process, whatever it does."""
        self.child.end(patience=2.0)


class FreshPeer(Peer):
    """A peer that starts a new process for every turn, for what only a new process can show."""

    def __init__(self, entrant: Entrant) -> None:
        super().__init__(entrant)  # this process answers until the first call
        self.calls = 3
        self.facts: dict[str, Any] = {}

    def ask(self, do: str, **word: Any) -> dict[str, Any]:
        """Ask the process of the beginning, or the last of the turns for its facts."""
        return self.facts if do == "facts" else super().ask(do, **word)

    def run_first(self) -> None:
        """Give the first process up; each turn has a first call of its own."""
        self.end()

    def turn(self) -> Turn:
        """Start a process, let it take ``calls`` steps, and ask for its memory."""
        once = Peer(self.entrant)
        try:
            once.start()
            self.first_call = once.ask("first", settle=0.0)["seconds"]
            answer = once.ask("turn", calls=self.calls, settle=0.0)
            self.facts = once.ask("facts")
        finally:
            once.end()
        self.cores.append(answer["cores"])
        memory = self.facts["memory"]
        return Turn({key: float(memory[key]) for key in ("peak", "after_imports")})

    def settle_calls(self, seconds: float = TURN_SECONDS) -> None:
        """Leave the number of calls as it is: memory does not depend on it."""
        del seconds

    def pids(self) -> list[int]:
        """Name no process: each lives for one turn only."""
        return []


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a peer: those of this process, less what would tune some peers."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in THREADS and not key.startswith(("MININ_", "PYTHON"))
    }
    data = {key: os.environ[key] for key in ("MININ_DATA",) if key in os.environ}
    return kept | data | {"PYTHONPATH": str(ROOT)} | dict(changes)
