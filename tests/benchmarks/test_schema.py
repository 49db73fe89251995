"""The reader of schemas, and that the published one refuses what is no result."""

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
from benchmarks.harness.record import SCHEMA, read_all, without_paths, write, wrong
from minin.bench.schema import INNER, LEAVES, REMARKS, faults, read_schema
from tests.benchmarks.fakes import answered, entrant


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("results")

    def parts(_: Path) -> Iterator[Part]:
        yield Part("fakes", (entrant("A"), entrant("B")), {"batch": 1})

    assert answered(Question("inference", parts), folder) == 0
    return json.loads((folder / "inference-test.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("value", "words", "fault"),
    [
        ("a", {"type": "number"}, "$: must be number, is str"),
        (True, {"type": "number"}, "$: must be number, is bool"),
        (1.5, {"type": ["integer", "null"]}, "$: must be integer or null, is float"),
        ({}, {"required": ["a"]}, "$: 'a' is missing"),
        ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}, "$.b: is not known"),
        ({"b": 1}, {"additionalProperties": {"type": "string"}}, "$.b: must be string, is int"),
        ({"a": [1, 0]}, {"properties": {"a": {"items": {"minimum": 1}}}}, "$.a[1]: must be at"),
        (float("nan"), {"minimum": 0}, "$: must be at least 0, is nan"),
        ("b", {"enum": ["a"]}, "$: must be one of ['a'], is 'b'"),
        (1, {"const": True}, "$: must be True, is 1"),
        ("b", {"pattern": "^a"}, "$: must fit '^a', is 'b'"),
        ([1], {"minItems": 2}, "$: must have at least 2 items, has 1"),
        ([1, 2], {"maxItems": 1}, "$: must have at most 1 items, has 2"),
        ([0], {"items": {"$ref": "#/$defs/x"}, "$defs": {"x": {"minimum": 1}}}, "$[0]: must be at"),
    ],
)
def test_a_fault_is_found_and_placed(value: Any, words: Any, fault: str) -> None:
    (found,) = faults(value, words)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, {"type": "number"}),
        (None, {"type": ["integer", "null"]}),
        ({"a": 1, "b": 2}, {"properties": {"a": {"type": "integer"}}}),
        ([1, 2], {"minItems": 2, "maxItems": 2, "items": {"minimum": 1}}),
        ("anything", {"title": "a remark", "description": "another"}),
    ],
)
def test_what_fits_has_no_fault(value: Any, words: Any) -> None:
    assert faults(value, words) == []


def test_a_word_that_nobody_looks_at_is_an_error() -> None:
    with pytest.raises(ValueError, match="uniqueItems"):
        faults([], {"uniqueItems": True})


def test_the_published_schema_uses_known_words_only() -> None:
    known = REMARKS | set(LEAVES) | set(INNER)

    def walk(part: Any) -> Iterator[str]:
        yield from part
        for word in ("properties", "$defs"):
            for inner in part.get(word, {}).values():
                yield from walk(inner)
        for word in ("items", "additionalProperties"):
            if isinstance(part.get(word), dict):
                yield from walk(part[word])

    assert set(walk(read_schema(SCHEMA))) <= known


def test_a_result_of_the_harness_fits(good: Any) -> None:
    assert wrong(good) == []


def peer(record: Any) -> Any:
    return record["parts"][0]["peers"][0]


BREAKS: dict[str, Callable[[Any], object]] = {
    "'machine' is missing": lambda r: r.pop("machine"),
    "$.host: is not known": lambda r: r.update(host="x"),
    "$.complete: must be True": lambda r: r.update(complete=False),
    "$.question: must be one of": lambda r: r.update(question="weather"),
    "$.date: must fit": lambda r: r.update(date="yesterday"),
    "$.machine.name: must fit": lambda r: r["machine"].update(name="../x"),
    "$.protocol.rounds: must be at least 5": lambda r: r["protocol"].update(rounds=3),
    "$.parts: must have at least 1": lambda r: r.update(parts=[]),
    "others: must have at least 5": lambda r: r["parts"][0].update(others=[0.0]),
    "peers[0].memory: 'peak' is missing": lambda r: peer(r)["memory"].pop("peak"),
    "versions: 'numpy' is missing": lambda r: peer(r)["versions"].pop("numpy"),
    "rounds: must have at least 5": lambda r: peer(r)["measures"]["step"]["values"].update(
        rounds=[1.0]
    ),
    "the summary is not that of its rounds": lambda r: peer(r)["measures"]["step"]["values"].update(
        median=0.1
    ),
    "6 rounds, not 5": lambda r: peer(r)["measures"]["step"]["values"]["rounds"].append(1.0),
    "6 rounds were watched": lambda r: r["parts"][0]["others"].append(0.0),
    "must be a finite number": lambda r: peer(r)["measures"]["step"]["values"].update(
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
    questions = read_schema(SCHEMA)["properties"]["question"]["enum"]
    read = {name for question in questions for name in read_all(question)}
    assert {name for name in names if not name.endswith(".incomplete.json")} == read
