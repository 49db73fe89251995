"""Readers that are careless in the ways the fuzzer is there to notice."""

from __future__ import annotations

import os
import pickle
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from minin.errors import DataError
from tools.fuzz.kinds import Kind
from tools.fuzz.mutate import PLAIN

CONTENT = bytes([4]) + b"data"


def write(folder: Path) -> None:
    (folder / "file").write_bytes(CONTENT)


def careful(folder: Path) -> None:
    """Hold the length against the first byte."""
    content = (folder / "file").read_bytes()
    if not content or content[0] != len(content) - 1:
        raise DataError("the length is wrong")


def when_damaged(act: Callable[[Path], object]) -> Callable[[Path], None]:
    """Do something careless, once the file is not what it was."""

    def read(folder: Path) -> None:
        if (folder / "file").read_bytes() != CONTENT:
            act(folder)

    return read


def believes_the_length(folder: Path) -> None:
    content = (folder / "file").read_bytes()
    content[content[0]]


def crash(_: Path) -> None:
    os.abort()


def kind(name: str, read: Callable[[Path], object]) -> Kind:
    return Kind(name, write, read, PLAIN, most_mib=16)


KINDS = (
    kind("careful", careful),
    kind("IndexError", believes_the_length),
    kind("it warned", when_damaged(lambda _: warnings.warn("odd", stacklevel=1))),
    kind("it printed", when_damaged(lambda _: print("odd"))),
    kind("no words", when_damaged(lambda _: (_ for _ in ()).throw(DataError("")))),
    kind("MiB, and 16 are allowed", when_damaged(lambda _: (b"x" * 2**25).count(b"y"))),
    kind("for writing", when_damaged(lambda folder: (folder.parent / "x").write_bytes(b""))),
    kind("changed or removed", when_damaged(lambda folder: (folder / "file").unlink())),
    kind("pickle.find_class", when_damaged(lambda _: pickle.loads(b"cos\ngetcwd\n."))),
    kind("SystemExit", when_damaged(lambda _: os.sys.exit(0))),  # type: ignore[attr-defined]
    kind("its process ended", when_damaged(crash)),
    kind("no answer", when_damaged(lambda _: time.sleep(60))),
)
