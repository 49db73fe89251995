"""A file that is written is whole or absent, whatever goes wrong on the way."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from minin.errors import DataError
from minin.files import write_atomically


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"all of it", bytes(range(256)) * 1000])
def test_a_file_has_all_its_bytes_and_leaves_nothing_beside_it(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "note.bin"
    write_atomically(path, content)
    assert path.read_bytes() == content
    assert names_in(tmp_path) == ["note.bin"]


def test_a_path_may_be_a_string(tmp_path: Path) -> None:
    write_atomically(str(tmp_path / "note"), b"text")
    assert (tmp_path / "note").read_bytes() == b"text"


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_bytes(b"a longer text from before")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("broken", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("old", [None, b"old"])
def test_an_interruption_leaves_the_old_file_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, error: Any, old: bytes | None
) -> None:
    path = tmp_path / "note"
    if old is not None:
        path.write_bytes(old)

    def breaking(*_: Any) -> None:
        raise error

    if broken == "fsync":
        monkeypatch.setattr(os, "fsync", breaking)
    else:
        monkeypatch.setattr(Path, "replace", breaking)
    with pytest.raises((DataError, KeyboardInterrupt)):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert names_in(tmp_path) == ([] if old is None else ["note"])
    assert old is None or path.read_bytes() == old


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"note could not be written: No space left on device"):
        write_atomically(tmp_path / "note", b"new")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.note could not be written.*Does the folder"):
        write_atomically(tmp_path / "nowhere" / "note", b"new")
    assert names_in(tmp_path) == []


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "note").mkdir()
    with pytest.raises(DataError, match=r"note could not be written"):
        write_atomically(tmp_path / "note", b"new")
    assert names_in(tmp_path) == ["note"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("no symbolic links here")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_long_name_is_no_trouble(tmp_path: Path) -> None:
    name = "n" * 240
    write_atomically(tmp_path / name, b"new")
    assert names_in(tmp_path) == [name]


def test_a_reader_never_meets_half_a_file(tmp_path: Path) -> None:
    """Two writers and a reader at once: every read is one of the two texts, whole."""
    path = tmp_path / "note"
    texts = [b"a" * 200_000, b"b" * 300_000]
    write_atomically(path, texts[0])
    done = threading.Event()

    def write(text: bytes) -> None:
        for _ in range(10):
            write_atomically(path, text)

    def read() -> None:
        while not done.is_set():
            found.add(path.read_bytes())

    found: set[bytes] = set()
    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in (reader, *writers):
        thread.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert found <= set(texts)
    assert names_in(tmp_path) == ["note"]
