"""The published schema refuses what is no result."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import record as record_file
from benchmarks.harness.errors import RefusedError
from benchmarks.harness.part import Part
from benchmarks.harness.question import Question
from benchmarks.harness.record import SCHEMA, Validator, read_all, without_paths, write, wrong
from tests.benchmarks.fakes import answered, entrant


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("results")

    def parts(_: Path) -> Iterator[Part]:
        yield Part("fakes", (entrant("A"), entrant("B")), {"batch": 1})

    assert answered(Question("inference", parts), folder) == 0
    return json.loads((folder / "inference-test.json").read_text("utf-8"))


def test_the_schema_is_one() -> None:
    Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))


def test_a_result_of_the_harness_fits(good: Any) -> None:
    assert wrong(good) == []


def peer(record: Any) -> Any:
    return record["parts"][0]["peers"][0]


BREAKS: dict[str, Callable[[Any], object]] = {
    "'machine' is a required": lambda r: r.pop("machine"),
    "('host' was unexpected)": lambda r: r.update(host="x"),
    "$.complete: True was expected": lambda r: r.update(complete=False),
    "$.question: 'weather' is not one of": lambda r: r.update(question="weather"),
    "$.date: 'yesterday' does not match": lambda r: r.update(date="yesterday"),
    "$.machine.name: '../x' does not match": lambda r: r["machine"].update(name="../x"),
    "$.protocol.rounds: 3 is less than the minimum of 5": lambda r: r["protocol"].update(rounds=3),
    "$.parts: [] should be non-empty": lambda r: r.update(parts=[]),
    "others: [0.0] is too short": lambda r: r["parts"][0].update(others=[0.0]),
    "peers[0].memory: 'peak' is a required": lambda r: peer(r)["memory"].pop("peak"),
    "versions: 'numpy' is a required": lambda r: peer(r)["versions"].pop("numpy"),
    "rounds: [1.0] is too short": lambda r: peer(r)["measures"]["step"]["values"].update(
        rounds=[1.0]
    ),
    "the summary is not that of its rounds": lambda r: peer(r)["measures"]["step"]["values"].update(
        median=0.1
    ),
    "6 rounds, not 5": lambda r: peer(r)["measures"]["step"]["values"]["rounds"].append(1.0),
    "6 rounds were watched": lambda r: r["parts"][0]["others"].append(0.0),
    "nan is not of type 'number'": lambda r: peer(r)["measures"]["step"]["values"].update(
        rounds=[1.0, 2.0, 3.0, 4.0, float("nan")]
    ),
    "A / B, step: the summary": lambda r: r["parts"][0]["ratios"][0]["values"].update(least=0.0),
    "a folder of this machine": lambda r: peer(r)["settings"].update(place=str(Path.home() / "x")),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_result_is_neither_written_nor_read(fault: str, good: Any, tmp_path: Path) -> None:
    broken = copy.deepcopy(good)
    BREAKS[fault](broken)
    assert any(fault in one for one in wrong(broken)), wrong(broken)
    with pytest.raises(RefusedError, match="not written"):
        write(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "inference-test.json").write_text(json.dumps(broken), "utf-8")
    with pytest.raises(RefusedError, match=r"inference-test\.json is not a result"):
        read_all("inference", tmp_path)


def test_the_name_of_the_machine_is_found(good: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "workhorse")
    assert wrong(good) == []
    named = copy.deepcopy(good)
    named["parts"][0]["skipped"] = [{"name": "C", "reason": "no route to workhorse"}]
    assert wrong(named) == ["the name of this machine is in it"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("cannot import 'a' from 'b' (/opt/x-y/lib/b.py)", "cannot import 'a' from 'b' (...)"),
        ("no file C:\\Users\\me\\x.py here", "no file ... here"),
        ("3/4 of it, and/or images/s", "3/4 of it, and/or images/s"),
    ],
)
def test_folders_are_taken_out_of_messages(text: str, kept: str) -> None:
    assert without_paths(text) == kept


def test_every_published_result_is_one() -> None:
    names = {path.name for path in record_file.RESULTS.glob("*.json")} - {"schema.json"}
    questions = json.loads(SCHEMA.read_text("utf-8"))["properties"]["question"]["enum"]
    read = {name for question in questions for name in read_all(question)}
    assert {name for name in names if not name.endswith(".incomplete.json")} == read
