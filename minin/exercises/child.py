"""The child process in which a learner's code runs, seen from the parent.

The parent sends arrays and gets arrays; what else the child says is shown to somebody and decides
nothing. The child is ended as soon as it uses more time, memory or space than it may, with all
that it has started.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from minin.errors import DataError
from minin.exercises import stub
from minin.gradcheck.subject.printed import Said, visible
from minin.sentences import sentence

SECONDS = 30.0  # of processor time
WALL = 5  # times as long by the clock, which counts for those alone that wait
PRINTED = 64 * 1024  # bytes of the learner's own output that are kept
MEMORY = 2 * 2**30  # bytes that it may ask for: a mistake must not freeze the machine
SPACE = 16 * 2**20  # bytes that it may leave in its folder
REQUIRE = "MININ_REQUIRE_SANDBOX"
# With -I and -S nothing of the folder one stands in, of the environment, or of other packages is
# imported; NumPy's folder is on the path for one import.
_PROGRAM = """
import json, sys
job = json.loads(sys.stdin.buffer.readline())
sys.path.append(job["numpy"])
import numpy
sys.path.remove(job["numpy"])
sys.path_importer_cache.clear()
made = []
for name in ("fence", "stub"):
    made.append({"__name__": name})
    exec(compile(job[name], name, "exec"), made[-1])
made[1]["main"](made[0]["close_in"], job)
"""


_NONSENSE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, OverflowError),
    *(RecursionError, MemoryError, StopIteration),
)


class GoneError(BaseException):
    """The child is gone, or speaks no sense; no handler of errors may go on without it."""


class RaisedError(Exception):
    """A learner's function raised something."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.kind = ascii(str(said["raised"]))[1:-1][: stub.NAME]
        self.words = visible(" ".join(str(said["text"]).split()))[:300]
        line = said["line"]
        self.line = line if isinstance(line, int) and 0 < line < 10**6 else None
        super().__init__(f"{self.kind}: {self.words}")


class AnswerProcess:
    """A process that holds a learner's code and waits to be asked.

    Args:
        source: the learner's file.
        path: what it is called.
        seconds: of processor time that it may take.

    Attributes:
        fenced: whether the whole fence stands around it.
        why: why the parent has ended it: "time", "memory", "space", or nothing.
        code: its exit code, if it has ended by itself.
    """

    def __init__(self, source: bytes, path: str, seconds: float) -> None:
        self.source, self.path, self.seconds = source, path, seconds
        self.fenced, self.why = False, ""
        self.code: int | None = None
        self.begun = time.monotonic()
        self._said: dict[str, Said] = {}
        self._now: Said | None = None  # what the function that runs has printed
        self._heard = False  # whether this call of it has
        self._loose, self._room = "", PRINTED
        self._over, self._lock = threading.Event(), threading.Lock()

    def __enter__(self) -> AnswerProcess:
        self._folder = tempfile.TemporaryDirectory(prefix="minin-", ignore_cleanup_errors=True)
        self._process = _start(self._folder.name)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._threads = [threading.Thread(target=f, daemon=True) for f in (self._keep, self._watch)]
        for thread in self._threads:
            thread.start()
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.code = self._process.returncode
        if self.code is None or not self.fenced:  # one that is over has left nobody in the fence
            _kill_all(self._process)
        for thread in self._threads:
            thread.join(timeout=2)
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):  # what was not sent is not wanted any more
                stream.close()
        with contextlib.suppress(OSError, RecursionError):
            self._folder.cleanup()

    def _begin(self) -> None:
        """Hand over the file, and see that the fence stands before any line of it runs."""
        here = files("minin.exercises")
        job = {
            **{name: (here / f"{name}.py").read_text("utf-8") for name in ("fence", "stub")},
            "numpy": str(Path(np.__file__).resolve().parents[1]),
            "path": self.path,
            "source": base64.b64encode(self.source).decode(),
            "scratch": self._folder.name,
            "seconds": self.seconds,
            "memory": MEMORY,
            "space": SPACE,
            "note": sentence("exercises.not_written", file="{file}"),
        }
        try:
            self._in.write(json.dumps(job).encode() + b"\n")
            self._in.flush()
        except OSError as error:
            raise GoneError from error
        lacking = self._receive(stub.HELLO)
        self.fenced = lacking == ""
        if not self.fenced and os.environ.get(REQUIRE):
            raise DataError(sentence("exercises.no_fence", why=lacking, variable=REQUIRE))

    def read(self) -> None:
        """Wait until the learner's file has run.

        Raises:
            RaisedError: if it raised.
            GoneError: if the child has ended.
        """
        self._receive(stub.ANSWER)

    def has(self, function: str) -> bool:
        """Tell whether the file defines a function."""
        return "missing" not in self._ask({"call": function, "look": True})

    def call(
        self, function: str, *arguments: Any, keep: bool = False
    ) -> tuple[Any, dict[int, Any]]:
        """Call a function; return its result, and the arguments that it has changed.

        With ``keep`` the second of two results is a cache, which stays in the child.

        Raises:
            RaisedError: if it raised.
            GoneError: if the child has ended.
        """
        sent = [stub.encode(a) for a in arguments]
        self._now = self._said.setdefault(function, Said(function))
        self._heard = False
        request = {"call": function, "look": False, "arguments": sent, "keep": keep}
        found = self._ask(request)
        self._now = None
        try:
            changed = {int(k): stub.decode(v) for k, v in dict(found["changed"]).items()}
            return stub.decode(found["value"]), changed
        except _NONSENSE as error:
            raise GoneError from error

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            stub.send(self._in, stub.ANSWER, request)
        except OSError as error:
            self._wait()
            raise GoneError from error
        return dict(self._receive(stub.ANSWER))

    def _receive(self, letter: bytes) -> Any:
        """Wait for a message, and keep what is printed meanwhile."""
        try:
            while True:
                came, value = stub.receive(self._out)
                if came == letter:
                    break
                self._add(str(value))
            if letter == stub.ANSWER and "raised" in value:
                raise RaisedError(value)
            return value
        except _NONSENSE as error:
            self._wait()
            raise GoneError from error

    def _wait(self) -> None:
        """Give the child a moment to end by itself, so that its exit code is known."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)

    # ---- what it prints, which is shown and decides nothing

    @property
    def printed(self) -> str:
        """What the file itself printed, cut to 64 KiB."""
        cut = sentence("exercises.cut", size=PRINTED // 1024)
        return f"{self._loose}\n{cut}\n" if self._room < 0 else self._loose

    @property
    def said(self) -> str:
        """What its functions printed, a page for each."""
        over = self.code is None and not self.why
        return "\n".join(s.page(over or s is not self._now) for s in self._said.values() if s.kept)

    def _add(self, text: str) -> None:
        text = text.encode("utf-8", "backslashreplace").decode()  # half of a letter is none
        if self._now is not None:
            self._now.calls += not self._heard
            self._heard = True
            if self._now.calls == 1:
                self._now.add(text)
            return
        self._add_loose(text)

    def _add_loose(self, text: str) -> None:
        with self._lock:
            self._loose += text[: max(self._room, 0)]
            self._room -= len(text)

    def _keep(self) -> None:
        """Read what goes past Python's stdout, to the end."""
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while chunk := stream.read(8192):
                self._add_loose(chunk.decode("utf-8", "backslashreplace"))

    # ---- what it may use

    def _watch(self) -> None:
        """End it when it has used more than it may."""
        limited = hasattr(signal, "SIGXCPU")  # then the kernel counts its processor time
        longest = self.seconds * (WALL if limited else 1)
        while not self._over.wait(0.1):
            if time.monotonic() - self.begun > longest:
                self.why = "time"
            elif _too_much(self._folder.name):
                self.why = "space"
            elif not self.fenced and _resident(self._process.pid) > MEMORY:
                self.why = "memory"
            if self.why:
                _kill_all(self._process)
                return


def _start(folder: str) -> subprocess.Popen[bytes]:
    """Start the child.

    Raises:
        DataError: if there are no processes here, as in a browser.
    """
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-u", "-W", "ignore", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env=_environment(folder),
        )
    except OSError as error:
        raise DataError(sentence("exercises.no_process", why=error)) from error


def _environment(folder: str) -> dict[str, str]:
    """Let the child use one thread, and know nothing of what the parent was told."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    kept = {n: os.environ[n] for n in ("LD_LIBRARY_PATH", "SYSTEMROOT") if n in os.environ}
    return {**kept, **dict.fromkeys(threads, "1"), "HOME": folder, "TMPDIR": folder}


def _too_much(folder: str) -> bool:
    """Tell whether a folder holds too many files, or too large ones."""
    try:
        sizes = [entry.stat(follow_symlinks=False).st_size for entry in os.scandir(folder)]
    except OSError:
        return False
    return len(sizes) > 1000 or sum(sizes) > SPACE


def _resident(group: int) -> int:
    """Add up the memory that a group of processes holds, where the kernel tells."""
    pages = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            rest = entry.read_text("utf-8", "replace").rpartition(")")[2].split()
            pages += int(rest[21]) * (int(rest[2]) == group)
    return pages * 4096


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
