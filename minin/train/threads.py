"""One BLAS thread while a network trains.

A small network's matrix products take microseconds. Split over threads they take longer,
and where another process wants the same cores, the threads wait for each other: measured on
two busy cores, `nin-digits` trained fourteen times slower with two threads than with one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOCK = threading.Lock()
_OWNERS = 0  # blocks that are running, in all threads
_LIMIT: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the block with BLAS on one thread; the last of several blocks lifts the limit.

    The limit holds for the whole process, so blocks that overlap in several threads have to
    be counted: the first one sets it. Without threadpoolctl nothing changes.

    Example:
        >>> with one_blas_thread():
        ...     pass
    """
    global _OWNERS, _LIMIT
    with _LOCK:
        if _OWNERS == 0:
            _LIMIT = _limited()
        _OWNERS += 1
    try:
        yield
    finally:
        with _LOCK:
            _OWNERS -= 1
            if _OWNERS == 0 and _LIMIT is not None:
                _LIMIT.restore_original_limits()


def _limited() -> Any:
    """Set the limit, and return what can lift it; None where nothing can be limited."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return None
    return threadpool_limits(limits=1, user_api="blas")
