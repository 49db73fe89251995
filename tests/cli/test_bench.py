"""`minin bench`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import minin
from minin import bench
from minin.bench import run as run_module
from minin.bench.record import read_record
from minin.bench.rows import ResultRow, Visit
from minin.bench.subject import Job
from minin.bench.visits import here
from tests.cli.conftest import Done, assert_error, call

SHORT = ["bench", "--ops", "relu", "--sizes", "tiny", "--libraries", "numpy", "--quick"]


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the least samples, of small ceilings."""
    monkeypatch.setattr(run_module, "quick", lambda _: run_module.Protocol(5, 0.0))
    monkeypatch.setattr(bench, "Processes", lambda _: here)
    monkeypatch.setattr("minin.bench.plan.ceiling_cases", lambda *_: [])


def short(*words: str) -> Done:
    return call(*SHORT, "--dtypes", "float32", *words)


def test_a_table_and_a_file(tmp_path: Path) -> None:
    done = short("--json", "x.json")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "relu forward, tiny 1x16x8x8 float32" in done.out
    assert "numpy-fast" in done.out
    assert "saved     x.json" in done.out
    record = read_record(tmp_path / "x.json")
    assert record["complete"]
    assert {(row["way"], row["rules"]) for row in record["rows"]} == {
        (way, rules) for way in ("forward", "backward") for rules in ("plain", "fast")
    }


@pytest.mark.plots
def test_a_picture(tmp_path: Path) -> None:
    assert short("--plot", "x.png").code == 0
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert_error(short("--plot", "x.png"), "needs matplotlib: pip install 'matplotlib>=3.8'")


@pytest.mark.parametrize("columns", ["20", "40", "80"])
def test_a_narrow_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = short()
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= max(24, int(columns))


def test_the_list_and_the_devices() -> None:
    listed = call("bench", "--list")
    assert (listed.code, listed.err) == (0, "")
    assert "dask               skipped: refused" in listed.out
    assert "conv2d-5x5" in listed.out
    assert call("bench", "--devices") == (0, f"{minin.device_report()}\n", "")


def test_compare(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert short("--json", name).code == 0
    done = call("bench", "--compare", "a.json", "b.json")
    assert (done.code, done.err) == (0, "")
    assert "4 rows are in both" in " ".join(done.out.split())
    other = json.loads((tmp_path / "a.json").read_text())
    (tmp_path / "c.json").write_text(json.dumps(other | {"version": 2}))
    assert_error(call("bench", "--compare", "a.json", "c.json"), "c.json is of schema version 2")
    (tmp_path / "d.json").write_text("{")
    assert_error(call("bench", "--compare", "d.json", "a.json"), "d.json is not JSON")
    assert_error(call("bench", "--compare", "a.json", "e.json"), "e.json cannot be read")
    assert_error(call("bench", "--compare", "a.json", "a.json", "--json", "x"), "measures nothing")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--ops", "rellu"], "unknown op 'rellu'; did you mean 'relu'?"),
        (["--libraries", "nunpy"], "unknown library 'nunpy'; did you mean 'numpy'?"),
        (["--libraries", "dask"], "dask cannot be measured: refused"),
        (["--dtypes", "float16"], "unknown dtype 'float16'"),
        (["--sizes", "huge"], "unknown size 'huge'"),
        (["--ops", ","], "--ops must be names with commas between them"),
        (["--ops", "matmul", "--libraries", "numpy-fast"], "nothing is left to measure"),
    ],
)
def test_what_is_refused(words: list[str], message: str) -> None:
    assert_error(call("bench", "--quick", *words), message)


def test_a_folder_that_is_not_there() -> None:
    done = short("--json", "no/such/x.json")
    assert done.code == 2
    assert "no/such/x.json could not be written" in done.err


def test_ctrl_c_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[int] = []

    def stopped(rows: Sequence[ResultRow], seconds: float) -> Iterator[tuple[int, Visit]]:
        if len(blocks) == 5:
            raise KeyboardInterrupt
        blocks.append(1)
        return here(rows, seconds)

    monkeypatch.setattr(run_module, "quick", lambda _: run_module.Protocol(9, 0.0))
    monkeypatch.setattr(bench, "Processes", lambda _: stopped)
    done = short("--json", "x.json")
    assert done.code == 130
    assert done.err == (
        "minin: stopped by Ctrl-C; what was measured is in x.json, marked incomplete\n"
    )
    assert "INCOMPLETE" in done.out
    record = read_record(tmp_path / "x.json")
    assert not record["complete"]
    assert {row["status"] for row in record["rows"]} == {"unfinished"}
    assert all(row["time"]["samples"] >= 5 for row in record["rows"])


def test_a_wrong_result_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = Job.reference
    monkeypatch.setattr(Job, "reference", lambda self: [x + 1 for x in reference(self)])
    done = short("--json", "x.json")
    assert done.code == 1
    assert "WRONG: error" in done.out
