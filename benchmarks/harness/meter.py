"""How much of the machine do others use? The kernel's count of all work, less our own.

All work is the first line of /proc/stat; ours is what /proc says of the processes that belong
to the run. The difference also has in it what cannot be named: processes in other containers,
and time that the hypervisor gave to another machine ("steal").
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.harness.errors import RefusedError

LIMIT = 0.05  # of a core, used by others
PROC = Path("/proc")


@dataclass(frozen=True)
class Load:
    """What others did in some time.

    Attributes:
        others: cores that they used.
        busiest: the processes that used the most, with their share of a core.
    """

    others: float
    busiest: tuple[tuple[str, float], ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether so little was used that a measurement may be believed."""
        return self.others <= LIMIT

    def __str__(self) -> str:
        names = ", ".join(f"{name} {share:.0%}" for name, share in self.busiest if share >= 0.005)
        return (
            f"others used {self.others:.0%} of a core (the busiest: {names or 'none to be seen'})"
        )


class Meter(Protocol):
    """What tells how busy the machine is."""

    def start(self) -> None:
        """Begin to look."""

    def stop(self) -> Load:
        """Say what others did since then."""


class ProcMeter:
    """The meter of Linux.

    Args:
        own: names the processes that belong to the run, besides this one.

    Raises:
        RefusedError: if there is no /proc to read.
    """

    def __init__(self, own: Callable[[], Iterable[int]]) -> None:
        if not (PROC / "stat").exists():
            raise RefusedError(
                "whether other processes disturb is read from /proc/stat, which this system does "
                "not have; --smoke runs without"
            )
        self.own = own
        self.tick = float(os.sysconf("SC_CLK_TCK"))

    def start(self) -> None:
        """Begin to look."""
        self._before = self._snapshot()

    def stop(self) -> Load:
        """Say what others did since then."""
        then, now = self._before, self._snapshot()
        seconds = max(now.time - then.time, 1e-9) * self.tick  # in ticks
        others = (now.all - then.all) - (now.ours - then.ours)
        shares = [
            (f"{one.name} ({one.pid})", (one.ticks - then.ticks(key)) / seconds)
            for key, one in now.others.items()
        ]
        busiest = sorted(shares, key=lambda item: -item[1])[:3]
        return Load(max(0.0, others / seconds), tuple(busiest))

    def _snapshot(self) -> Snapshot:
        ours = {os.getpid(), *self.own()}
        everything = busy_ticks((PROC / "stat").read_text(encoding="ascii"))
        found = [one for one in map(process, PROC.glob("[0-9]*/stat")) if one is not None]
        return Snapshot(
            time.monotonic(),
            everything,
            sum(one.ticks + one.of_children for one in found if one.pid in ours),
            {(one.pid, one.born): one for one in found if one.pid not in ours},
        )


@dataclass(frozen=True)
class Process:
    """A line of /proc/PID/stat: ticks of processor time, its own and its ended children's.

    A name can change while it runs, and a number be given again: number and birth tell.
    """

    pid: int
    name: str
    born: float
    ticks: float
    of_children: float


@dataclass(frozen=True)
class Snapshot:
    """How much has been done so far: by all, by us, and by every other process."""

    time: float
    all: float
    ours: float
    others: dict[tuple[int, float], Process]

    def ticks(self, key: tuple[int, float]) -> float:
        """Return what another process had used; 0 before its birth."""
        return self.others[key].ticks if key in self.others else 0.0


def busy_ticks(text: str) -> float:
    """Add up all work in /proc/stat: user nice system idle iowait irq softirq steal.

    Example:
        >>> busy_ticks("cpu  10 1 5 900 30 2 3 4 0 0")
        25.0
    """
    user, nice, system, _idle, _wait, irq, softirq, steal = map(float, text.split()[1:9])
    return user + nice + system + irq + softirq + steal


def read_process(text: str) -> Process:
    """Read /proc/PID/stat; a name may have spaces and brackets in it.

    Example:
        >>> read_process("7 (a b) c) S 1 1 1 0 -1 0 0 0 0 0 40 2 3 1 20 0 1 0 9")
        Process(pid=7, name='a b) c', born=9.0, ticks=42.0, of_children=4.0)
    """
    start, end = text.index("("), text.rindex(")")
    fields = text[end + 2 :].split()
    user, system, children_user, children_system = map(float, fields[11:15])
    return Process(
        int(text[:start]),
        text[start + 1 : end],
        float(fields[19]),
        user + system,
        children_user + children_system,
    )


def process(path: Path) -> Process | None:
    """Read a process; None if it has ended meanwhile."""
    try:
        return read_process(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used, by the kernel's account."""
    found = (process(PROC / str(pid) / "stat") for pid in pids)
    return sum(one.ticks for one in found if one) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(
    meter: Meter, patience: float, sleep: Callable[[float], None] = time.sleep
) -> Load:
    """Look for a second; if others are busy look again, as long as there is patience.

    Raises:
        RefusedError: if they stay busy.
    """
    waited = 0.0
    while True:
        meter.start()
        sleep(1.0)
        waited += 1.0
        load = meter.stop()
        if load.quiet:
            return load
        if waited > patience:
            raise RefusedError(
                f"not measured: {load}; at most {LIMIT:.0%} are allowed. Stop them, or let me wait "
                "with --wait SECONDS"
            )
