"""How much memory a convolution may take, asked before any is taken.

im2col writes each pixel down KH*KW times. Where that does not fit, the machine swaps, or the
system ends the program without a word: better to say so in a sentence, and at once. Every
algorithm here predicts its peak by a formula and holds it against a budget first.
"""

from __future__ import annotations

import os
from pathlib import Path

from minin.errors import MemoryBudgetError
from minin.shapes import integer

SHARE = 0.5  # of the memory that is available; the other half is for everybody else
UNKNOWN = 4 * 2**30  # taken as available where the system does not tell
MEMINFO = Path("/proc/meminfo")


def available_bytes(meminfo: Path = MEMINFO) -> int:
    """Ask the system how many bytes of memory can be had without swapping.

    On Linux this is MemAvailable of /proc/meminfo, the kernel's own estimate, which counts
    caches that it can drop. Elsewhere os.sysconf tells the free pages or, as on macOS, all
    pages there are. Where there is neither, as on Windows, 4 GiB are assumed. The limit of a
    container is not seen, nor the memory of a GPU: give ``budget_bytes`` there.
    """
    try:
        for line in meminfo.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024  # "MemAvailable:   24501780 kB"
    except (OSError, ValueError, IndexError):
        pass  # not Linux, or not allowed to look
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        try:
            count = os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, ValueError, OSError):
            continue
        if count > 0:
            return count
    return UNKNOWN


def budget(budget_bytes: int | None = None) -> int:
    """Return the budget that was given, or else half of the available memory.

    Raises:
        ArgumentError: if it is no int of at least 1.
    """
    if budget_bytes is None:
        return int(available_bytes() * SHARE)
    return integer("budget_bytes", budget_bytes)


def within(op: str, wanted: int, budget_bytes: int | None, what: str, fix: str) -> None:
    """Hold the bytes that ``op`` will take against the budget.

    Args:
        op: the algorithm's name, for the message.
        wanted: its predicted peak.
        budget_bytes: what it may take; None for half of the available memory.
        what: what takes most of it.
        fix: the usual way out.

    Raises:
        MemoryBudgetError: if it would take more.

    Example:
        >>> within("im2col", 2048, 1024, "its columns", "take smaller ones")
        Traceback (most recent call last):
        minin.errors.MemoryBudgetError: im2col: wants 2.0 KiB for its columns, and the budget
        is 1.0 KiB; take smaller ones, or give budget_bytes
    """
    allowed = budget(budget_bytes)
    if wanted > allowed:
        raise MemoryBudgetError(
            f"{op}: wants {size(wanted)} for {what}, and the budget is {size(allowed)}; "
            f"{fix}, or give budget_bytes"
        )


def size(count: int) -> str:
    """Write a number of bytes for people.

    Example:
        >>> size(40), size(786432), size(30380704)
        ('40 bytes', '768.0 KiB', '29.0 MiB')
    """
    if count < 1024:
        return f"{count} bytes"
    number, unit = float(count), ""
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if unit and number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.1f} {unit}"
