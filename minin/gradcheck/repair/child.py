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
CHILDREN = 12  # a change that ends a child is left out in the next
MEMORY = 1 << 30  # bytes that a child may take beyond what it has
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.sendto", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.fork", "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.rmdir",
    "os.kill", "os.truncate", "os.chmod", "os.link", "os.symlink", "shutil.rmtree",
)  # fmt: skip
Work = Callable[[Callable[[str], None], str], Any]
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


def in_child(work: Work) -> Any:
    """Return what ``work`` returns in a child; None if no child comes to its end.

    Args:
        work: is given a function that it calls with a letter whenever it begins something, and
            all letters of children before it, the last of which brought the child to an end.
    """
    told = ""
    for _ in range(CHILDREN):
        found, letters = _one_child(work, told)
        if found is not None or len(letters) <= len(told):
            return found
        told = letters
    return None


def _one_child(work: Work, told: str) -> tuple[Any, str]:
    reader, writer, pid = -1, -1, 0
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:  # no interrupt between the fork and its name: nobody would end the child
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # threads of BLAS sleep; the child starts its own
            pid = os.fork()
        if pid == 0:
            _live(work, told, writer, usual)
        os.close(writer)
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)
        return _hear(reader)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)
        os.close(reader)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _live(work: Work, told: str, writer: int, usual: Any) -> None:
    """Work in the child, and end it: nothing of the parent's clearing up runs here."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)
        null = os.open(os.devnull, os.O_RDWR)
        for number in {0, 1, 2, *(int(f.name) for f in Path("/dev/fd").iterdir())} - {writer, null}:
            with contextlib.suppress(OSError):  # somebody's log is not written to a second time
                os.fstat(number)
                os.dup2(null, number)
        sys.stdout = sys.stderr = os.fdopen(null, "w")
        _limit_memory()
        found = pickle.dumps(work(lambda letter: _write(writer, letter.encode()), told))
        _write(writer, b"!" + found)
    finally:
        os._exit(0)


def _write(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]


def _limit_memory() -> None:
    """Let one wrong size end in a MemoryError instead of in a machine without memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))


def _hear(reader: int) -> tuple[Any, str]:
    """Return what a child says in the end, and the letters before."""
    heard = b""
    while select.select([reader], [], [], QUIET)[0]:
        piece = os.read(reader, 1 << 16)
        heard += piece
        if not piece:
            letters, end, found = heard.partition(b"!")
            return (pickle.loads(found) if end else None), letters.decode()
    return None, ""
