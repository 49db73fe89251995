"""A block: one visit to each row, in turn.

Within a block all rows of one library come together, and between libraries there is a pause: the
threads of OpenBLAS and of OpenMP go on spinning for a while after the last call, and would take
the cores from the one that comes next.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from minin.bench.rows import ResultRow, Visit
from minin.bench.subject import Host, Job

PAUSE = 0.05  # seconds for the threads of a library to fall asleep

# Visits rows, for so many seconds each, and yields their numbers and what was found.
Block = Callable[[Sequence[ResultRow], float], Iterator[tuple[int, Visit]]]


def in_turn(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Bring rows into the order of their visits: library after library."""
    order = list(dict.fromkeys(str(row.contender) for row in rows))
    return sorted(rows, key=lambda row: order.index(str(row.contender)))


def here(
    rows: Sequence[ResultRow],
    seconds: float,
    read: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[int, Visit]]:
    """Visit rows in this process.

    Args:
        rows: in the order of their visits.
        seconds: for each.
        read: the clock of the visits.
        sleep: waits.
    """
    before: str | None = None
    case: Job | None = None
    host: list[Host] = []
    with quiet():
        for number, row in enumerate(rows):
            if before not in (None, str(row.contender)):
                sleep(PAUSE)
            before = str(row.contender)
            if row.case is not case:
                case, host = row.case, row.case.host()
            yield number, row.visit(host, seconds, read)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the garbage collector from running in the middle of a sample."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
