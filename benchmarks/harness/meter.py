"""How much of the machine do others use? The kernel's count of all work, less our own.

All work is the first line of /proc/stat; ours is what /proc says of the processes that belong
to the run. The difference also has in it what cannot be named: processes in other containers,
and time that the hypervisor gave to another machine ("steal").
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from benchmarks.harness.errors import RefusedError

LIMIT = 0.05  # of a core, used by others
OWN = ("user", "system")
BUSY = (*OWN, "nice", "irq", "softirq", "steal")  # and neither idle nor waiting


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
        if not Path(psutil.PROCFS_PATH, "stat").exists():
            raise RefusedError(
                "whether other processes disturb is read from /proc/stat, which this system does "
                "not have; --smoke runs without"
            )
        self.own = own

    def start(self) -> None:
        """Begin to look."""
        self._before = self._snapshot()

    def stop(self) -> Load:
        """Say what others did since then."""
        then, now = self._before, self._snapshot()
        seconds = max(now.time - then.time, 1e-9)
        others = (now.all - then.all) - (now.ours - then.ours)
        shares = [
            (f"{name} ({key[0]})", (used - then.others.get(key, ("", 0.0))[1]) / seconds)
            for key, (name, used) in now.others.items()
        ]
        busiest = sorted(shares, key=lambda item: -item[1])[:3]
        return Load(max(0.0, others / seconds), tuple(busiest))

    def _snapshot(self) -> Snapshot:
        ours = {os.getpid(), *self.own()}
        psutil.process_iter.cache_clear()  # a number may have been given again
        found = Snapshot(time.monotonic(), _worked(psutil.cpu_times(), BUSY))
        for one in psutil.process_iter(["name", "create_time", "cpu_times"]):
            used = one.info["cpu_times"]
            if one.pid in ours:
                found.ours += _worked(used, (*OWN, "children_user", "children_system"))
            else:
                key = (one.pid, one.info["create_time"])
                found.others[key] = (one.info["name"], _worked(used, OWN))
        return found


@dataclass
class Snapshot:
    """How many seconds have been worked so far: by all, by us, and by every other process.

    A name can change while a process runs, and a number be given again: number and birth tell.
    """

    time: float
    all: float
    ours: float = 0.0
    others: dict[tuple[int, float], tuple[str, float]] = field(default_factory=dict)


def _worked(times: Any, kinds: Iterable[str]) -> float:
    """Add up some kinds of processor time."""
    return sum(getattr(times, kind, 0.0) for kind in kinds)


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used, by the kernel's account."""
    total = 0.0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            total += _worked(psutil.Process(pid).cpu_times(), OWN)
    return total


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
