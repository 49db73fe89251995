"""Run a function in a forked child: whatever it does, this process stays as it is."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

QUIET = 60  # seconds without a sign of life, after which nothing is said of repairs
MEMORY = 1 << 30  # bytes that a child may take beyond what it has
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.sendto", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.fork", "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.rmdir",
    "os.kill", "os.truncate", "os.chmod", "os.link", "os.symlink", "shutil.rmtree",
)  # fmt: skip
_guarding = threading.local()


class OutsideError(BaseException):
    """Somebody's code was about to write a file, or to reach out of the process."""


def can_fork() -> bool:
    """Tell whether there is a way to have a child."""
    return hasattr(os, "fork") and hasattr(signal, "SIGKILL")


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Let this thread write no file and start nothing while a block lasts."""
    _install()
    _guarding.on = True
    try:
        yield
    finally:
        _guarding.on = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not getattr(_guarding, "on", False):
        return
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES
    if writes or event in FORBIDDEN:
        raise OutsideError(event)


_installed: list[bool] = []


def _install() -> None:
    if not _installed:  # an audit hook stays; it does nothing outside of `guarded`
        _installed.append(True)
        sys.addaudithook(_audit)


def in_child(work: Callable[[Callable[[], None]], Any]) -> Any:
    """Return what ``work`` returns in a child; None if the child comes to an end before.

    Args:
        work: is given a function that it calls as a sign of life.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of BLAS sleep, and the child starts its own
        pid = os.fork()
    if pid == 0:
        _live(work, reader, writer)
    os.close(writer)
    try:
        return _hear(reader)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _live(work: Callable[[Callable[[], None]], Any], reader: int, writer: int) -> None:
    """Work in the child, and end it: nothing of the parent's clearing up runs here."""
    try:
        os.close(reader)
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        sys.stdout = sys.stderr = os.fdopen(null, "w")
        _limit_memory()
        found = pickle.dumps(work(lambda: _sign(writer)))
        with os.fdopen(writer, "wb") as out:
            out.write(b"!" + found)
    finally:
        os._exit(0)


def _sign(writer: int) -> None:
    os.write(writer, b".")


def _limit_memory() -> None:
    """Let one wrong size end in a MemoryError instead of in a machine without memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))


def _hear(reader: int) -> Any:
    heard = b""
    while True:
        ready, _, _ = select.select([reader], [], [], QUIET)
        if not ready:
            return None
        piece = os.read(reader, 1 << 16)
        if not piece:
            break
        heard = (heard + piece).lstrip(b".")
    return pickle.loads(heard[1:]) if heard[:1] == b"!" else None
