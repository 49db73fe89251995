"""Results, written to a file that can be trusted: complete, consistent, and naming no machine.

A complete result goes to `results/QUESTION-MACHINE.json` and fits `results/schema.json`. A run
that was stopped keeps what it had in `results/QUESTION-MACHINE.incomplete.json`, which is not
read by the page.
"""

from __future__ import annotations

import json
import math
import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, validators

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.peers import ROOT
from benchmarks.harness.summary import summarise
from minin.files.atomic import write_atomically

FORMAT = 1
RESULTS = ROOT / "benchmarks" / "results"
SCHEMA = RESULTS / "schema.json"
A_PATH = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s'\"():,]+[/\\])+[^\s'\"():,]*")

Record = dict[str, Any]

# Python's NaN and infinity are no numbers to JSON.
Validator: Any = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "number", lambda _, x: type(x) in (int, float) and math.isfinite(x)
    ),
)


def wrong(record: Record) -> list[str]:
    """List what is wrong with a result; a result in which something is wrong is never written.

    It has to fit the schema, its summaries have to be those of its rounds, and there must be no
    folder and no name of a machine in it.
    """
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = [f"{one.json_path}: {one.message}" for one in Validator(schema).iter_errors(record)]
    return found or [*_unlike_its_rounds(record), *_private(json.dumps(record))]


def _unlike_its_rounds(record: Record) -> Iterator[str]:
    """Hold every summary against the rounds beside it."""
    rounds = record["protocol"]["rounds"]
    for part in record["parts"]:
        if len(part["others"]) != rounds:
            yield f"{part['name']}: {len(part['others'])} rounds were watched, not {rounds}"
        for place, values in _summaries(part):
            if len(values["rounds"]) != rounds:
                yield f"{place}: {len(values['rounds'])} rounds, not {rounds}"
            elif summarise(values["rounds"]) != values:
                yield f"{place}: the summary is not that of its rounds"


def _summaries(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for peer in part["peers"]:
        for key, measure in peer["measures"].items():
            yield f"{part['name']}, {peer['name']}, {key}", measure["values"]
    for ratio in part["ratios"]:
        place = f"{part['name']}, {ratio['peer']} / {ratio['against']}, {ratio['measure']}"
        yield place, ratio["values"]


def _private(text: str) -> Iterator[str]:
    """Find what belongs to the machine and not to the result."""
    homes = (f"/{folder}/" for folder in ("home", "Users"))
    for secret in (str(ROOT), str(Path.home()), tempfile.gettempdir(), *homes):
        if len(secret) > 1 and secret in text:
            yield f"a folder of this machine is named: {secret}"
    host = socket.gethostname()
    if host and re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", text):
        yield "the name of this machine is in it"


def without_paths(text: str) -> str:
    """Take the folders of this machine out of a message.

    Example:
        >>> without_paths("cannot import name 'a' from 'b' (/opt/x/b.py)")
        "cannot import name 'a' from 'b' (...)"
    """
    return A_PATH.sub("...", text)


def path_of(question: str, machine: str, complete: bool = True, folder: Path = RESULTS) -> Path:
    """Name the file of a question and a machine."""
    return folder / f"{question}-{machine}{'' if complete else '.incomplete'}.json"


def write(record: Record, folder: Path = RESULTS) -> Path:
    """Write a complete result, and take the rest of a stopped run away.

    Raises:
        RefusedError: if something is wrong with it.
    """
    if found := wrong(record):
        raise RefusedError("not written, for it is not a result: " + "; ".join(found[:5]))
    name = record["machine"]["name"]
    path = path_of(record["question"], name, folder=folder)
    _write(path, record)
    path_of(record["question"], name, complete=False, folder=folder).unlink(missing_ok=True)
    return path


def write_incomplete(record: Record, folder: Path = RESULTS) -> Path:
    """Keep what a stopped run had measured."""
    path = path_of(record["question"], record["machine"]["name"], complete=False, folder=folder)
    _write(path, record | {"complete": False})
    return path


def _write(path: Path, record: Record) -> None:
    """Write all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, (json.dumps(record, indent=1) + "\n").encode())


def read_all(question: str, folder: Path = RESULTS) -> dict[str, Record]:
    """Read the complete results of a question, by the names of their files.

    Raises:
        RefusedError: if a file is no result.
    """
    found = {}
    for path in sorted(folder.glob(f"{question}-*.json")):
        if path.name.endswith(".incomplete.json"):
            continue
        record = json.loads(path.read_text(encoding="utf-8"))
        if bad := wrong(record):
            raise RefusedError(f"{path.name} is not a result: " + "; ".join(bad[:5]))
        found[path.name] = record
    return found
