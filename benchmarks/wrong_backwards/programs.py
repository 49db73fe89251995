"""The programs: a folder for each set, with what is true of every program beside it."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
NAMES = ("a", "b", "c")


@dataclass(frozen=True)
class Truth:
    """What is true of one program, as its author wrote it down.

    Attributes:
        file: the program's file in the set's folder.
        wrong: whether backward is wrong.
        argument: the inputs whose gradient is wrong.
        line: the lines that one would edit.
        cause: what is wrong and why.
        entry: everything that is written there, these fields too.
    """

    file: str
    wrong: bool
    argument: tuple[str, ...]
    line: tuple[int, ...]
    cause: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """One program, ready to be checked; nothing in it says what is wrong.

    Attributes:
        forward: ``forward(*inputs, **params)`` returns the output, or (output, cache).
        backward: ``backward(grad, cache)``, or ``backward(grad)`` where forward returns no cache.
        inputs: arrays, labels, settings, None.
        params: keyword arguments of forward.
        names: of the inputs; None for those in forward's signature.
        op: what it computes, where the program says so.
        path: of the file.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[Any, ...]
    params: Mapping[str, Any] | None
    names: tuple[str, ...] | None
    op: str | None
    path: Path

    @property
    def source(self) -> str:
        """The text of the file, for checkers that read programs."""
        return self.path.read_text("utf-8")


def sets() -> list[str]:
    """List the sets that are here."""
    return [name for name in NAMES if (FOLDER / name / "truth.jsonl").exists()]


def truths(name: str) -> Iterator[Truth]:
    """Yield what is true of the programs of a set, in the order of its file."""
    for line in (FOLDER / name / "truth.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        yield Truth(
            entry["file"],
            entry["verdict"] == "wrong",
            tuple(entry.get("argument", ())),
            tuple(entry.get("line", ())),
            entry.get("cause", ""),
            entry,
        )


def load(name: str, truth: Truth) -> Subject:
    """Run a program's file, and take its SUBJECT."""
    path = FOLDER / name / truth.file
    spec = importlib.util.spec_from_file_location(f"wrong_backwards_{name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where classes and sources are looked up
    with contextlib.redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
    given = module.SUBJECT
    names = given.get("names") or truth.entry.get("names")
    return Subject(
        given["forward"],
        given["backward"],
        tuple(given["inputs"]),
        given.get("params"),
        tuple(names) if names else None,
        given.get("op"),
        path,
    )
