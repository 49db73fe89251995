"""Ctrl-C as a question the loop asks between two steps, so that no step is left half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def ctrl_c() -> Iterator[Callable[[], bool]]:
    """Note a Ctrl-C instead of raising at once; the block gets a function that tells.

    The first Ctrl-C is noted. A second one raises KeyboardInterrupt as usual, for anyone who
    cannot wait for the end of a step. Outside the main thread, where Python delivers no
    signals, and where the shell has Ctrl-C ignored, nothing changes.

    Example:
        >>> with ctrl_c() as pressed:
        ...     pressed()
        False
    """
    noted = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield noted.is_set
        return

    def note(number: int, frame: Any) -> None:
        if noted.is_set():
            signal.default_int_handler(number, frame)
        noted.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
