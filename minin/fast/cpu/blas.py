"""One BLAS thread while minin computes: the owner of a limit that holds process-wide.

The workers of `minin.fast.cpu.workers` keep every core busy; a BLAS that starts threads of its
own inside each of them would only make the cores wait for each other. Small products are
slower on several threads anyway: `nin-digits` trained fourteen times slower with two BLAS
threads than with one, on two busy cores.

The limit cannot be set for one thread alone. Blocks that overlap, in one thread or in several,
are therefore counted: the first one sets the limit, the last one lifts it. They are counted for
each thread, because only one thread lives on in a forked process.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

_lock = threading.Lock()
_blocks: Counter[int] = Counter()  # blocks that are running, by thread
_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the block with BLAS on one thread; the last of several blocks lifts the limit.

    Where the BLAS of NumPy cannot be limited (see `can_limit`) nothing changes.

    Example:
        >>> with one_blas_thread():
        ...     pass
    """
    global _limit
    thread = threading.get_ident()
    with _lock:
        if not _blocks and can_limit():
            _limit = _controller().limit(limits=1, user_api="blas")
        _blocks[thread] += 1
    try:
        yield
    finally:
        with _lock:
            _blocks[thread] -= 1
            _lift_if_unused()


def _lift_if_unused() -> None:
    global _limit
    for thread in [thread for thread, count in _blocks.items() if count <= 0]:
        del _blocks[thread]
    if not _blocks and _limit is not None:
        _limit.restore_original_limits()
        _limit = None


def can_limit() -> bool:
    """Tell whether the BLAS under NumPy is one whose threads can be limited."""
    return bool(_controller().lib_controllers) if _controller() is not None else False


@lru_cache(maxsize=1)
def _controller() -> Any:
    """Look for BLAS libraries once: it takes a millisecond, a limit some microseconds."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController().select(user_api="blas")


def _after_fork() -> None:
    """Keep, in a forked process, only the blocks of the one thread that lives on."""
    global _lock
    _lock = threading.Lock()
    mine = threading.get_ident()
    for thread in [thread for thread in _blocks if thread != mine]:
        del _blocks[thread]
    _lift_if_unused()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
