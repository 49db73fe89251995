"""`minin data`: what it lists, what it checks, what it refuses. Fetching: tests/data."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from minin.data import sources
from minin.data.sources import File
from tests.cli.conftest import assert_error, call
from tests.data.idx_writer import write_set
from tests.data.mirror import Mirror, served


def test_list_says_what_there_is_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path / "one" / "mnist")
    write_set(tmp_path / "two" / "fashion-mnist")
    monkeypatch.setenv("MININ_DATA", str(tmp_path / "one"))
    done = call("data", "list")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    wheres = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  where")]
    assert wheres == ["bundled", str(tmp_path / "one" / "mnist"), *["not here"] * 4]
    assert "  images  60,000 training and 10,000 test, 1x28x28, 10 classes" in lines
    done = call("data", "list", "--root", str(tmp_path / "two"))
    assert str(tmp_path / "two" / "fashion-mnist") in done.out
    assert str(tmp_path / "one") not in done.out


def test_check_names_each_fault_and_exits_with_one(tmp_path: Path) -> None:
    write_set(tmp_path / "mnist")
    (tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    done = call("data", "check", str(tmp_path))
    assert (done.code, done.err) == (1, "")
    assert "t10k-labels-idx1-ubyte.gz (mnist): missing" in " ".join(done.out.split())
    assert "the official file has 9,912,422" in " ".join(done.out.split())
    assert done.out.splitlines()[-1] == "result    0 of 4 files are fine"


def test_check_of_a_folder_without_known_files(tmp_path: Path) -> None:
    assert_error(call("data", "check", str(tmp_path)), "holds no file of mnist")


def test_fetch_prints_plain_lines_where_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pooch", reason="Pooch is not installed")
    content = bytes(range(256)) * 400
    file = File("data.bin", len(content), hashlib.sha256(content).hexdigest())
    with served(Mirror(content)) as mirror:
        source = replace(sources.SVHN, mirrors=(mirror.url,), files=(file,))
        monkeypatch.setitem(sources.SOURCES, "svhn", source)
        done = call("data", "fetch", "svhn", "--root", str(tmp_path / "new"))
        again = call("data", "fetch", "svhn", "--root", str(tmp_path / "new"))
    assert (done.code, done.err, again.code, again.err) == (0, "", 0, "")
    assert done.out.splitlines()[0] == "fetching  data.bin, 0.1 MB"
    assert "SHA-256 as published" in again.out
    assert "fetching" not in again.out
    assert len(mirror.asked) == 1


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ((), ("action",)),
        (("fetch",), ("NAME",)),
        (("fetch", "mnits", "--root", "."), ("did you mean 'mnist'",)),
        (("fetch", "digits", "--root", "."), ("bundled",)),
        (("fetch", "mnist"), ("neither root nor the variable MININ_DATA",)),
        (("check",), ("DIR",)),
        (("shred",), ("shred",)),
    ],
)
def test_what_makes_no_sense_is_one_line(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert_error(call("data", *words), *parts)


def test_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    done = call("data", "list")
    assert max(map(len, done.out.splitlines())) <= 40
