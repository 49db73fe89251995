"""Files are whole, fit the published schema, agree with themselves, and name no machine."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minin.bench.record import make_record, read_record, write_record, wrong
from minin.errors import DataError
from tests.bench.fakes import library, run_of

Record = dict[str, Any]


@pytest.fixture(scope="module")
def record() -> Record:
    times = [1e-3, 1.3e-3, 0.9e-3, 1.2e-3]
    run = run_of([library("a", times), library("there", times, device="cuda:0")], ceilings=True)
    run.measure()
    return make_record(run)


def test_what_is_written_is_read(record: Record, tmp_path: Path) -> None:
    write_record(tmp_path / "x.json", record)
    assert read_record(tmp_path / "x.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_no_folder_and_no_name_of_the_machine(record: Record) -> None:
    text = json.dumps(record)
    assert str(Path.home()) not in text
    assert str(Path(__file__).parents[2]) not in text
    assert f'"{socket.gethostname()}"' not in text


def test_the_environment_is_there(record: Record) -> None:
    about = record["environment"]
    assert about["versions"]["numpy"]
    assert about["threads"]["minin"] >= 1
    assert about["rules"] in ("plain", "im2col", "fast")
    assert "commit" not in about


def _set(*path: Any) -> Callable[[Record], None]:
    *way, key, value = path

    def change(record: Record) -> None:
        there: Any = record
        for step in way:
            there = there[step]
        there[key] = value

    return change


def _drop(*path: Any) -> Callable[[Record], None]:
    *way, key = path

    def change(record: Record) -> None:
        there: Any = record
        for step in way:
            there = there[step]
        del there[key]

    return change


DAMAGES = {
    "no date": (_drop("date"), "'date' is missing"),
    "odd date": (_set("date", "yesterday"), "$.date: must fit"),
    "new word": (_set("more", 1), "$.more: is not known"),
    "no rows": (_set("rows", {}), "$.rows: must be array, is dict"),
    "way": (_set("rows", 0, "way", "sideways"), "must be one of ['forward', 'backward', 'step']"),
    "status": (_set("rows", 0, "status", "fine"), "must be one of"),
    "true": (_set("rows", 0, "flops", True), "must be integer, is bool"),
    "negative": (_set("rows", 0, "bytes", -1), "must be at least 0, is -1"),
    "no time": (_set("rows", 0, "time", "median", 0), "must be above 0, is 0"),
    "nan": (_set("rows", 0, "time", "median", float("nan")), "must be a finite number"),
    "infinite": (_set("rows", 0, "first_call", 1e999), "must be a finite number"),
    "four blocks": (_set("rows", 0, "time", "blocks", [1.0] * 4), "must have at least 5 items"),
    "four samples": (_set("rows", 0, "time", "samples", 4), "must be at least 5, is 4"),
    "summary": (_drop("rows", 0, "time", "spread"), "'spread' is missing"),
    "median": (_set("rows", 0, "time", "median", 5.0), "the median is not that of its blocks"),
    "spread": (_set("rows", 0, "time", "spread", 5.0), "the spread is not that of its blocks"),
    "wrong timed": (_set("rows", 0, "status", "wrong"), "is wrong and has a time"),
    "ok untimed": (_set("rows", 0, "time", None), "is ok and has no time"),
    "error": (_set("rows", 0, "error", 0.5), "an error beyond its bound"),
    "numpy": (_set("environment", "versions", {}), "'numpy' is missing"),
    "reason": (_set("skipped", 0, "reason", ""), "must fit '.'"),
    "quartiles": (_set("rows", 0, "time", "quartiles", [1.0] * 3), "must have at most 2 items"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_the_schema_and_the_numbers_reject(name: str, record: Record, tmp_path: Path) -> None:
    change, message = DAMAGES[name]
    damaged = copy.deepcopy(record)
    change(damaged)
    found = wrong(damaged)
    assert any(message in fault for fault in found), found
    with pytest.raises(DataError, match="was not written"):
        write_record(tmp_path / "x.json", damaged)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "y.json").write_text(json.dumps(damaged))
    with pytest.raises(DataError, match="damaged result of minin bench"):
        read_record(tmp_path / "y.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff\xfe\x00", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[1, 2]", "no result of minin bench"),
        (b"null", "no result of minin bench"),
        (b'{"format": 1}', "no result of minin bench"),
        (b'{"format": "minin-bench", "version": 99}', "is of schema version 99, this minin reads"),
        (b'{"format": "minin-bench", "version": 1}', "'complete' is missing"),
    ],
)
def test_foreign_and_damaged_files_are_refused(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x\.json") as found:
        read_record(path)
    assert message in str(found.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_record(tmp_path / "none.json")
