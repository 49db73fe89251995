"""One BLAS thread while minin computes: the owner of a limit that holds process-wide.

The workers of `minin.fast.cpu.workers` keep every core busy; a BLAS that starts threads of its
own inside each of them would only make the cores wait for each other. Small products are
slower on several threads anyway: `nin-digits` trained fourteen times slower with two BLAS
threads than with one, on two busy cores.

Most BLAS libraries have one number of threads for the whole process. Blocks that overlap, in one
thread or in several, are therefore counted: the first one sets the limit, the last one lifts it.
An OpenBLAS on OpenMP has a number for each thread that calls it: there every thread limits
itself. Blocks are counted for each thread, also because only one thread lives on in a forked
process.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

_lock = threading.RLock()
_blocks: Counter[int] = Counter()  # blocks that are running, by thread
_before: list[tuple[Any, int]] = []  # libraries of the whole process, and their numbers of threads
_of_thread: dict[int, list[tuple[Any, int]]] = {}  # the same of libraries that ask each thread


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the block with BLAS on one thread; the last of several blocks lifts the limit.

    Where the BLAS of NumPy cannot be limited (see `can_limit`) nothing changes.

    Example:
        >>> with one_blas_thread():
        ...     pass
    """
    thread = threading.get_ident()
    with _lock:
        if not _blocks:
            _before[:] = _limited(of_each_thread=False)
        if not _blocks[thread]:
            _of_thread[thread] = _limited(of_each_thread=True)
        _blocks[thread] += 1
    try:
        yield
    finally:
        with _lock:
            _blocks[thread] -= 1
            if _blocks[thread] <= 0 and thread == threading.get_ident():
                _restore(_of_thread.get(thread, []))
            _lift_if_unused()


def limit_this_thread() -> None:
    """Keep BLAS to one thread in a thread that does nothing but minin's work."""
    with _lock:
        _limited(of_each_thread=True)


def can_limit() -> bool:
    """Tell whether the BLAS under NumPy is one whose threads can be limited."""
    return bool(_libraries())


def _lift_if_unused() -> None:
    for thread in [thread for thread, count in _blocks.items() if count <= 0]:
        del _blocks[thread]
        _of_thread.pop(thread, None)
    if not _blocks:
        _restore(_before)
        _before.clear()


def _limited(of_each_thread: bool) -> list[tuple[Any, int]]:
    """Limit the libraries of one kind; return them, and what their numbers were."""
    found = []
    for library in _libraries():
        if (getattr(library, "threading_layer", "") == "openmp") == of_each_thread:
            found.append((library, library.get_num_threads() or 1))
            _set(library, 1)
    return found


def _restore(before: list[tuple[Any, int]]) -> None:
    for library, count in before:
        _set(library, count)


def _set(library: Any, count: int) -> None:
    """Set a library's number of threads, whichever thread asks.

    threadpoolctl lets only the first thread that ever asked do so, because two that do not know
    of each other must not quarrel. Here they are counted.
    """
    release = getattr(library, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)
    library.set_num_threads(count)
    if release is not None:
        release(force=True)


@lru_cache(maxsize=1)
def _libraries() -> tuple[Any, ...]:
    """Look for BLAS libraries once: it takes a millisecond, a limit some microseconds."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return ()
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


def _after_fork() -> None:
    """Keep, in a forked process, only the blocks of the one thread that lives on."""
    global _lock
    _lock = threading.RLock()
    mine = threading.get_ident()
    for thread in [thread for thread in _blocks if thread != mine]:
        _blocks[thread] = 0
    _lift_if_unused()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
