"""Files are whole, fit the published schema, agree with themselves, and name no machine."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minin.bench.record import make_record, read_record, write_record
from minin.errors import DataError
from tests.bench.fakes import library, run_of
from tests.bench.results import SCHEMA, faults

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
    "new word": _set("more", 1),
    "odd date": _set("date", "yesterday"),
    "way": _set("rows", 0, "way", "sideways"),
    "status": _set("rows", 0, "status", "fine"),
    "true": _set("rows", 0, "flops", True),
    "negative": _set("rows", 0, "bytes", -1),
    "four blocks": _set("rows", 0, "time", "blocks", [1.0] * 4),
    "four samples": _set("rows", 0, "time", "samples", 4),
    "wrong timed": _set("rows", 0, "status", "wrong"),
    "ok untimed": _set("rows", 0, "time", None),
    "error": _set("rows", 0, "error", 0.5),
    "numpy": _set("environment", "versions", {}),
    "reason": _set("skipped", 0, "reason", ""),
    "quartiles": _set("rows", 0, "time", "quartiles", [1.0] * 3),
}
UNREADABLE = {
    "no end": (_drop("complete"), "$: 'complete' is missing"),
    "no rows": (_set("rows", {}), "$.rows: must be list, is dict"),
    "a row": (_set("rows", 0, 7), "$.rows[0]: must be dict, is int"),
    "shape": (_set("rows", 0, "shape", 3), "$.rows[0].shape: must be list, is int"),
    "sizes": (_set("rows", 0, "shape", ["3"]), "$.rows[0].shape[0]: must be int, is str"),
    "versions": (_set("environment", "versions", []), "versions: must be dict, is list"),
    "no time": (_set("rows", 0, "time", "median", 0), "median: must be a finite number above 0"),
    "true": (_set("rows", 0, "time", "median", True), "must be a finite number above 0, is True"),
    "nan": (_set("rows", 0, "time", "median", float("nan")), "must be a finite number above 0"),
    "infinite": (_set("rows", 0, "time", "spread", 1e999), "must be a finite number above 0"),
    "no blocks": (_set("rows", 0, "time", "blocks", []), "the median is not that of its blocks"),
    "summary": (_drop("rows", 0, "time", "spread"), "'spread' is missing"),
    "median": (_set("rows", 0, "time", "median", 5.0), "the median is not that of its blocks"),
    "spread": (_set("rows", 0, "time", "spread", 5.0), "the spread is not that of its blocks"),
}


def test_the_schema_takes_what_a_run_makes(record: Record) -> None:
    assert faults(record) == []


@pytest.mark.parametrize("name", DAMAGES)
def test_the_schema_and_the_numbers_reject(name: str, record: Record) -> None:
    damaged = copy.deepcopy(record)
    DAMAGES[name](damaged)
    assert faults(damaged)


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_damaged_file_is_refused(name: str, record: Record, tmp_path: Path) -> None:
    change, message = UNREADABLE[name]
    damaged = copy.deepcopy(record)
    change(damaged)
    (tmp_path / "y.json").write_text(json.dumps(damaged))
    with pytest.raises(DataError, match="damaged result of minin bench") as found:
        read_record(tmp_path / "y.json")
    assert message in str(found.value)


def test_the_schema_forbids_what_it_does_not_name() -> None:
    open_objects = [
        one
        for one in _objects(SCHEMA)
        if one.get("type") == "object" and "additionalProperties" not in one
    ]
    assert open_objects == []


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in _objects(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(one for item in value.values() for one in _objects(item))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1, 2]", "was not made by `minin bench`"),
        (b"null", "was not made by `minin bench`"),
        (b'{"format": 1}', "was not made by `minin bench`"),
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
