"""One name, one meaning: a class name of minin stands in one file."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import minin

PACKAGE = Path(minin.__file__).parent


def classes(source: str) -> set[str]:
    """The names of the classes that a program defines."""
    return {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ClassDef)}


def doubles(programs: dict[str, str]) -> dict[str, list[str]]:
    """The class names that several files define: name -> files.

    A fast rule for CPUs and the same for GPUs are twins: they bear one name.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for file, source in programs.items():
        for name in classes(source):
            places[name].append(file)
    return {n: files for n, files in places.items() if len(files) > 1 and not are_twins(files)}


def are_twins(files: list[str]) -> bool:
    """Whether these are two files, one of fast/cpu and one of fast/cuda."""
    return sorted(file.rsplit("/", 1)[0] for file in files) == ["fast/cpu", "fast/cuda"]


def test_a_class_name_means_one_thing() -> None:
    programs = {
        file.relative_to(PACKAGE).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(PACKAGE.rglob("*.py"))
    }
    assert doubles(programs) == {}


@pytest.mark.parametrize("first", ["ops/a.py", "fast/cpu/a.py"])
def test_a_double_is_seen(first: str) -> None:
    text = "class Row:\n    pass\n"
    assert doubles({first: text, "fast/cpu/b.py": text})


def test_twins_may_share_a_name() -> None:
    text = "class Im2col:\n    pass\n"
    assert doubles({"fast/cpu/im2col.py": text, "fast/cuda/columns.py": text}) == {}
