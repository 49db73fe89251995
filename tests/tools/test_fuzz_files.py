"""The fuzzer finds what is planted, repeats itself, and finds nothing in minin's readers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.choice import mostly_thorough
from tests.tools import careless
from tools import fuzz_files
from tools.fuzz.kinds import KINDS, Kind, specimen
from tools.fuzz.watch import generator, prepare
from tools.fuzz_files import Tally, fuzz, main, report, shares

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in /proc")
for library in ("PIL", "scipy", "safetensors", "tomli_w"):
    pytest.importorskip(library, reason=f"{library} is not installed")


@pytest.mark.parametrize("step", mostly_thorough([4, 1], lambda step: step == 4))
def test_no_reader_of_minin_has_a_fault(step: int) -> None:
    kinds = KINDS[::step]
    for kind, count in zip(kinds, shares(25 * len(kinds), kinds), strict=True):
        tally = fuzz(kind, seed=1, numbers=range(count))
        assert tally.faults == []
        assert sum(tally.outcomes.values()) == count
        assert tally.outcomes["DataError"] > 0


@pytest.mark.parametrize(
    "kind",
    mostly_thorough(careless.KINDS[1:-1], lambda kind: kind in careless.KINDS[1::3]),
    ids=lambda kind: kind.name,
)
def test_what_is_careless_is_a_fault(kind: Kind) -> None:
    count = 2 if "process" in kind.name else 5  # whoever dies needs a new process each time
    tally = fuzz(kind, 0, range(count), careless.__name__)
    assert sum(tally.outcomes.values()) == count
    assert tally.faults
    assert all(kind.name in fault for _, fault in tally.faults)


def test_a_reader_that_waits_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_files, "PATIENCE", 1.0)
    tally = fuzz(careless.KINDS[-1], 0, range(2, 3), careless.__name__)
    assert [fault for _, fault in tally.faults] == ["no answer"]


def test_what_is_careful_has_none() -> None:
    tally = fuzz(careless.KINDS[0], 0, range(40), careless.__name__)
    assert tally.faults == []
    assert set(tally.outcomes) == {"read", "DataError"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_number_always_means_the_same_damage(tmp_path: Path, kind: Kind) -> None:
    files = specimen(kind)
    seen = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        damage = [
            prepare(kind, files, tmp_path / name / str(n), generator(3, kind, n)) for n in range(6)
        ]
        seen.append((damage, [p.lstat().st_size for p in sorted((tmp_path / name).rglob("*.*"))]))
    assert seen[0][0] == seen[1][0]
    assert len(set(seen[0][0])) > 1


def test_the_page_counts_what_was_seen() -> None:
    tally = Tally(careless.KINDS[0])
    tally.outcomes.update({"read": 2, "DataError": 3, "FAULT": 1})
    tally.faults.append((5, "broken"))
    page = report([tally], seed=7, seconds=1.0)
    assert "6 damaged files, 1 faults" in page
    assert "| careful | 6 | 2 | DataError 3 | 1 | 0 of 16 MiB |" in page


def test_a_fault_makes_the_command_fail_and_says_how_to_repeat_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kind = careless.KINDS[1]
    monkeypatch.setattr(fuzz_files, "KINDS", (kind,))
    monkeypatch.setattr(fuzz_files, "MODULE", careless.__name__)
    assert main(["--files", "5", "--out", str(tmp_path / "page.md")]) == 1
    out = capsys.readouterr().out
    assert "FAULT" in out
    assert '--kind "IndexError" --seed 0 --number ' in out
    assert "IndexError" in (tmp_path / "page.md").read_text()
