"""The machine and the source are described, and neither gives the machine away."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

import minin.machine
from benchmarks.harness import machine, memory, source
from benchmarks.harness.peers import ROOT


def test_the_machine_is_described() -> None:
    found = machine.describe()
    assert found["cores"] >= 1
    assert found["processor"]
    assert found["name"] == machine.slug(f"{found['processor']} {found['cores']} cores")
    if socket.gethostname() not in ("", "localhost"):
        assert socket.gethostname() not in json.dumps(found).split('"')


def test_caches_and_flags_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (level, kind, size) in enumerate(
        [("1", "Data", "32K"), ("1", "Instruction", "32K"), ("2", "Unified", "512K")]
    ):
        folder = tmp_path / f"index{number}"
        folder.mkdir()
        for key, value in (("level", level), ("type", kind), ("size", size)):
            (folder / key).write_text(f"{value}\n", "utf-8")
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Some CPU\nflags\t\t: fpu avx2 avx512f sse\n", "utf-8")
    monkeypatch.setattr(machine, "CACHES", tmp_path)
    monkeypatch.setattr(minin.machine, "CPUINFO", cpuinfo)
    assert machine.caches() == {"L1d": 32768, "L1i": 32768, "L2": 524288}
    assert machine.flags() == ["avx2", "avx512f"]
    assert machine.describe()["processor"] == "Some CPU"


def test_a_system_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CACHES", tmp_path / "none")
    monkeypatch.setattr(minin.machine, "CPUINFO", tmp_path / "none")
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    found = machine.describe()
    assert found["caches"] == {}
    assert found["flags"] == []
    assert found["processor"]
    assert memory.held() == memory.most() > 0


def test_the_most_memory_is_seen() -> None:
    before = memory.most()
    held = bytearray(64 * 2**20)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    assert memory.held() >= 64 * 2**20
    del held
    assert memory.most() >= max(before, 64 * 2**20)


def test_the_source_is_named() -> None:
    found = source.describe()
    assert found["minin"]
    assert (found["commit"] is None) == (found["modified"] is None)


def test_a_commit_elsewhere_is_no_change_of_the_program() -> None:
    if source.describe()["commit"] is None:
        pytest.skip("no git")
    found = source.last_change("minin")
    said = subprocess.run(
        ["git", "show", "--name-only", "--format=", str(found)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert any(name.startswith("minin/") for name in said.stdout.split())


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", none)
    assert source.describe() | {"minin": ""} == {"minin": "", "commit": None, "modified": None}
    assert source.last_change("minin") is None
