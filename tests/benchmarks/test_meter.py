"""How much others use, read from a /proc that the tests write."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.meter import Load, ProcMeter, cpu_seconds, wait_until_quiet
from tests.benchmarks.fakes import FakeMeter


class Machine:
    """A /proc with some processes, and a clock that goes only when it is told to."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.now = folder, 0.0
        self.tick = os.sysconf("SC_CLK_TCK")
        self.all, self.processes = 0, dict[int, tuple[str, int, int]]()
        patch.setattr(psutil, "PROCFS_PATH", str(folder))
        patch.setattr("time.monotonic", lambda: self.now)
        self.work(os.getpid(), 0, "parent")

    def work(self, pid: int, ticks: int, name: str = "other", children: int = 0) -> None:
        """Let a process work; its children have ended, and have counted before."""
        self.all += ticks
        _, before, ended = self.processes.get(pid, ("", 0, 0))
        self.processes[pid] = (name, before + ticks, ended + children)
        for number, (called, used, of_children) in self.processes.items():
            place = self.folder / str(number)
            place.mkdir(exist_ok=True)
            fields = f"S 1 1 1 0 -1 0 0 0 0 0 {used} 0 {of_children} 0 20 0 1 0 5{' 0' * 30}"
            (place / "stat").write_text(f"{number} ({called}) {fields}", "ascii")
            (place / "cmdline").write_text("", "ascii")
        (self.folder / "stat").write_text(f"cpu  {self.all} 0 0 1 1 0 0 0 0 0\nbtime 1\n", "ascii")

    def end(self, pid: int) -> None:
        self.processes.pop(pid)
        (self.folder / str(pid) / "stat").unlink()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_others_are_told_from_our_own(machine: Machine) -> None:
    machine.work(8, 0, "peer")
    machine.work(9, 1000, "busy (one)")
    meter = ProcMeter(lambda: [8])
    meter.start()
    machine.work(8, 3 * machine.tick)
    machine.work(os.getpid(), machine.tick)
    machine.work(9, machine.tick, "busy (one)")
    machine.now = 2.0
    load = meter.stop()
    assert load.others == pytest.approx(0.5)
    name, used = load.busiest[0]
    assert (name, round(used, 6)) == ("busy (one) (9)", 0.5)
    assert not load.quiet
    assert "busy (one) (9) 50%" in str(load)


def test_a_new_process_and_one_with_a_new_name_are_counted_once(machine: Machine) -> None:
    machine.work(9, 10 * machine.tick, "kworker/0:1-events")
    meter = ProcMeter(list)
    meter.start()
    machine.work(9, 0, "kworker/0:1-mm")
    machine.work(10, machine.tick, "new")
    machine.now = 10.0
    load = meter.stop()
    assert load.others == pytest.approx(0.1)
    name, used = load.busiest[0]
    assert (name, round(used, 6)) == ("new (10)", 0.1)


def test_a_child_of_ours_that_has_ended_stays_ours(machine: Machine) -> None:
    machine.work(8, 0, "fresh peer")
    meter = ProcMeter(lambda: [8] if 8 in machine.processes else [])
    meter.start()
    machine.work(8, machine.tick, "fresh peer")
    machine.end(8)
    machine.work(os.getpid(), 0, children=machine.tick)
    machine.now = 1.0
    assert meter.stop().others == 0.0


def test_work_that_cannot_be_named_counts(machine: Machine) -> None:
    meter = ProcMeter(list)
    meter.start()
    machine.all += machine.tick  # in another container, or stolen by another machine
    machine.work(os.getpid(), 0)
    machine.now = 1.0
    load = meter.stop()
    assert load.others == pytest.approx(1.0)
    assert "none to be seen" in str(load)


def test_without_proc_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="/proc/stat"):
        ProcMeter(list)


def test_processor_time_of_a_process(machine: Machine) -> None:
    machine.work(8, 5 * machine.tick)
    assert cpu_seconds([8, 99]) == 5.0


def test_a_busy_machine_is_refused_at_once_and_named() -> None:
    slept: list[float] = []
    with pytest.raises(RefusedError, match=r"compiler \(7\) 90%.*--wait"):
        wait_until_quiet(FakeMeter([0.9]), 0.0, slept.append)
    assert slept == [1.0]


def test_patience_waits_for_a_quiet_second() -> None:
    slept: list[float] = []
    assert wait_until_quiet(FakeMeter([0.9, 0.9]), 10.0, slept.append) == Load(
        0.0, (("compiler (7)", 0.0),)
    )
    assert slept == [1.0] * 3
    with pytest.raises(RefusedError, match="not measured"):
        wait_until_quiet(FakeMeter([0.9] * 9), 3.0, slept.append)


def test_the_real_proc_can_be_read() -> None:
    if not Path("/proc/stat").exists():
        pytest.skip("no /proc here")
    meter = ProcMeter(list)
    meter.start()
    assert meter.stop().others >= 0.0
