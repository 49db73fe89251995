"""Reading one damaged file in a process of its own, and seeing all that it does."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import resource
import shutil
import sys
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import memory
from minin.errors import MininError
from tools.fuzz.kinds import Kind, specimen

MIB = 2**20
MOST_ADDRESSES = 4 * 2**30  # bytes a reader may ask for before the machine refuses
_WATCHED = {
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen"),
    *("socket.connect", "pickle.find_class"),
}


@dataclass(frozen=True)
class Verdict:
    """What came of one file.

    Attributes:
        outcome: "read", or the name of the error that refused it, or "FAULT".
        mib: memory that reading took beyond what was in use before.
        fault: what was wrong, in words; empty if nothing was.
    """

    outcome: str
    mib: float = 0.0
    fault: str = ""


class Watcher:
    """Notes every file that is opened for writing, and every process, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = args
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
                self.seen.append(f"opened {path!r} for writing")
        elif event in _WATCHED:
            self.seen.append(f"{event} {args!r:.100}")

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Be on while the block lasts."""
        self.seen.clear()
        self.on = True
        try:
            yield
        finally:
            self.on = False


def generator(seed: int, kind: Kind, number: int) -> np.random.Generator:
    """Give the source of all that is drawn for one file."""
    return np.random.default_rng([seed, zlib.crc32(kind.name.encode()), number])


def prepare(kind: Kind, files: dict[str, bytes], folder: Path, rng: np.random.Generator) -> str:
    """Write right files into an empty folder and damage them; say how."""
    _write(files, folder)
    if kind.tricks and rng.random() < 0.3:
        trick = kind.tricks[int(rng.integers(len(kind.tricks)))]
        trick(rng, folder)
        return trick.__name__
    path = folder / sorted(files)[int(rng.integers(len(files)))]
    mutation = kind.mutations[int(rng.integers(len(kind.mutations)))]
    path.write_bytes(mutation(rng, path.read_bytes()))
    return f"{mutation.__name__} {path.name}"


def work(
    module: str, name: str, seed: int, numbers: range, place: str, answers: Connection
) -> None:
    """Judge files one after the other, and send each verdict as soon as there is one.

    The kind is the one of that name in ``KINDS`` of a module: processes share no functions.
    Before the first verdict comes a None: all libraries are loaded.
    """
    kind = next(kind for kind in importlib.import_module(module).KINDS if kind.name == name)
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    sandbox = Path(place)
    (sandbox / "secret").write_bytes(b"secret")
    os.chdir(sandbox)
    watcher, files = Watcher(), specimen(kind)
    _judge(kind, partial(_write, files), sandbox, watcher)  # loads libraries
    answers.send(None)
    for number in numbers:
        damage = partial(prepare, kind, files, rng=generator(seed, kind, number))
        answers.send((number, _judge(kind, damage, sandbox, watcher)))
    answers.close()


def _write(files: dict[str, bytes], folder: Path) -> str:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return "nothing"


def _judge(kind: Kind, make: Callable[[Path], str], sandbox: Path, watcher: Watcher) -> Verdict:
    """Make one file, read it, and look at everything that happened."""
    folder = sandbox / "case"
    folder.mkdir()
    try:
        damage = make(folder)
        before = _listing(sandbox)
        _forget_peak()
        used = memory.held()
        outcome, faults = _read(kind, folder, watcher)
        mib = max(0.0, (memory.most() - used) / MIB)
        if _listing(sandbox) != before:
            faults.append("a file was written, changed or removed")
        if mib > kind.most_mib:
            faults.append(f"it took {mib:.0f} MiB, and {kind.most_mib} are allowed")
        if faults:
            return Verdict("FAULT", mib, f"{damage}: {'; '.join(faults)}")
        return Verdict(outcome, mib)
    finally:
        shutil.rmtree(folder)


def _read(kind: Kind, folder: Path, watcher: Watcher) -> tuple[str, list[str]]:
    """Read, and say what came of it and what was wrong with that."""
    faults: list[str] = []
    outcome, out = "read", io.StringIO()
    with (
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        watcher.watching(),
    ):
        warnings.simplefilter("always")
        try:
            kind.read(folder)
        except MininError as error:
            outcome = type(error).__name__
            if not str(error).strip():
                faults.append("the error has no words")
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            faults.append(f"{type(error).__name__} at {where}: {error!s:.120}")
    faults += [f"it warned: {warning.message!s:.120}" for warning in warned]
    faults += watcher.seen
    if out.getvalue():
        faults.append(f"it printed {out.getvalue()!r:.120}")
    return outcome, faults


def _listing(sandbox: Path) -> list[tuple[str, int, int]]:
    found = []
    for path in sorted(sandbox.rglob("*")):
        status = path.lstat()
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return found


def _forget_peak() -> None:
    """Let the system measure the highest use of memory from here on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
