"""The fence around a learner's code: what its process may read, write, start and use up.

This file runs in that process, by its text: it imports nothing of minin. Landlock decides about
files, a seccomp filter about calls of the kernel, limits about memory, time and space. All of
them hold for the process until it ends; none asks for privileges, and those of root are laid down.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# Rights of Landlock: run 1, write 2, read 4, list 8, remove a file 32, make a file 256, cut 16384.
READ, LIST, WRITE = 4, 8, 2 | 32 | 256 | 16384
FEWEST = 3  # versions of Landlock below it let files be cut that may not be written
PACKAGES = ("site-packages", "dist-packages")
INTEL = 0xC000003E  # x86-64, as the kernel's audit names it
# Calls by their numbers there. The first rows would start a process, reach into another one, or
# leave the group; then sockets and memory that is shared by name; then what changes files by
# their paths, which Landlock does not ask about; then ways around a filter, and of a whole machine.
FORBIDDEN = (
    *(57, 58, 59, 322, 101, 310, 311, 312, 440, 256, 279, 438, 434, 424, 129, 297, 200, 109, 112),
    *(141, 142, 144, 203, 314, 251, 41, 53, 29, 30, 64, 68, 240),
    *(90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 197, 198, 199, 463, 466),
    *(132, 235, 261, 280),
    *(76, 304, 425, 426, 427, 321, 323, 298, 165, 166, 272, 308, 161, 155, 248, 249, 250),
)  # fmt: skip
CLONE, CLONE3, KILL, TGKILL, LIMITS, FCNTL, THREAD = 56, 435, 62, 234, 302, 72, 0x10000
ALLOW, REFUSE, UNKNOWN, STOP = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000


def close_in(job: Mapping[str, Any]) -> str:
    """Put up the fence; return what it lacks here, nothing if it is whole."""
    unlimited = ", ".join(_limit(job))
    if sys.platform != "linux" or os.uname().machine != "x86_64" or sys.maxsize < 2**32:
        return f"{sys.platform} {getattr(os, 'uname', lambda: '')()}"
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 - names only
            raise OSError("a thread runs already, and it would stay outside")
        _ask(libc.prctl(1, 9, 0, 0, 0))  # end when the parent ends
        _ask(libc.prctl(38, 1, 0, 0, 0))  # no new privileges
        _allow_files(libc, job["scratch"])
        _ask(libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24)))  # root without its powers
        _filter_calls(libc)
    except OSError as error:
        return str(error)
    with contextlib.suppress(PermissionError):
        return f"Landlock {os.listdir('/')}"  # noqa: PTH208 - names only
    return unlimited


def _ask(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _limit(job: Mapping[str, Any]) -> Iterator[str]:
    """Limit memory, processor time, files, and dumps of memory; yield what cannot be limited."""
    seconds = max(1, -int(-job["seconds"] // 1))
    for name, soft, hard in (
        ("AS", job["memory"], job["memory"]),
        ("CPU", seconds, seconds + 1),
        ("FSIZE", job["space"], job["space"]),
        ("NOFILE", 64, 64),
        ("CORE", 0, 0),
    ):
        try:
            import resource

            kind: int = getattr(resource, f"RLIMIT_{name}")
            most = resource.getrlimit(kind)[1]
            if most != resource.RLIM_INFINITY:
                soft, hard = min(soft, most), min(hard, most)
            resource.setrlimit(kind, (soft, hard))
        except (ImportError, AttributeError, OSError, ValueError):  # noqa: PERF203 - five
            yield name


def _allow_files(libc: Any, scratch: str) -> None:
    """Let Python, NumPy and the libraries below them be read, and the scratch folder be used."""
    version = _ask(libc.syscall(444, None, 0, 1))
    if version < FEWEST:
        raise OSError(f"Landlock {version} is older than {FEWEST}")
    handled = struct.pack("QQQ", 0xFFFF if version > 4 else 0x7FFF, 3, 3)  # and sockets, signals
    size = 24 if version > 5 else 16 if version > 3 else 8
    rules = _ask(libc.syscall(444, handled, size, 0))
    for path, rights in _readable(scratch):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            if not Path(path).is_dir():
                rights &= ~(LIST | 32 | 256)
            _ask(libc.syscall(445, rules, 1, struct.pack("=Qi", rights, place), 0))
            os.close(place)
    _ask(libc.syscall(446, rules, 0))
    os.close(rules)


def _readable(scratch: str) -> Iterator[tuple[str, int]]:
    """Yield paths and rights. Packages beside NumPy, minin among them, can be listed at most."""
    yield scratch, READ | LIST | WRITE
    for path in sys.path:
        yield path, LIST if Path(path).is_dir() else READ
        for entry in os.scandir(path) if Path(path).is_dir() else ():
            if entry.name not in PACKAGES:
                yield entry.path, READ | LIST
    numpy = str(Path(sys.modules["numpy"].__path__[0]))
    yield from ((path, READ | LIST) for path in (numpy, f"{numpy}.libs"))
    yield from ((path, READ) for path in ("/dev/urandom", "/etc/ld.so.cache", "/etc/localtime"))
    yield "/dev/null", READ | 2
    for folder in {str(Path(line.split()[-1]).parent) for line in _mapped()}:
        for entry in os.scandir(folder):
            if ".so" in entry.name and entry.is_file():
                yield entry.path, READ


def _mapped() -> list[str]:
    """List the lines on libraries that are loaded, from what the kernel says of this process."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return [line for line in lines if ".so" in line and "/" in line]


def _filter_calls(libc: Any) -> None:
    """Refuse calls of the kernel; a refused one says that it is not permitted."""
    code = [_step(0x20, 4), _step(0x15, INTEL, 1, 0), _step(0x06, STOP)]
    code += [_step(0x20, 0), _step(0x35, 0x40000000, 0, 1), _step(0x06, STOP)]  # 32-bit numbers
    for number in FORBIDDEN:
        code += [_step(0x15, number, 0, 1), _step(0x06, REFUSE)]
    code += [_step(0x15, CLONE3, 0, 1), _step(0x06, UNKNOWN)]  # then clone is tried instead
    myself = os.getpid()
    # Of these the word `argument` decides: threads, itself, its own limits, no owner of a file.
    for number, argument, jump, value, then, other in (
        (CLONE, 0, 0x45, THREAD, ALLOW, REFUSE),
        (KILL, 0, 0x15, myself, ALLOW, REFUSE),
        (TGKILL, 0, 0x15, myself, ALLOW, REFUSE),
        (LIMITS, 0, 0x15, 0, ALLOW, REFUSE),
        *((FCNTL, 1, 0x15, owner, REFUSE, None) for owner in (8, 10, 15)),
    ):
        rest = [_step(0x06, then)] + ([] if other is None else [_step(0x06, other)])
        code += [_step(0x20, 0), _step(0x15, number, 0, 2 + len(rest))]
        code += [_step(0x20, 16 + 8 * argument), _step(jump, value, 0, 1), *rest]
    code.append(_step(0x06, ALLOW))
    program = ctypes.create_string_buffer(b"".join(code))
    filled = struct.pack("HP", len(code), ctypes.addressof(program))
    _ask(libc.syscall(317, 1, 1, filled))  # for all threads


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """Make one step of a filter: load a word, compare and jump, or return."""
    return struct.pack("HBBI", code, yes, no, value)
