"""Numbers as they are read. Three digits are kept: the spread is rarely smaller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def digits(x: float) -> str:
    """Write a number with three digits, and no exponent.

    Example:
        >>> [digits(x) for x in (0.1234, 1.234, 12.34, 1234.0)]
        ['0.123', '1.23', '12.3', '1,234']
    """
    for least, places in ((100, 0), (10, 1), (1, 2)):
        if abs(x) >= least:
            return f"{x:,.{places}f}"
    return f"{x:.3f}"


def seconds(x: float) -> str:
    """Write a time in the unit that suits it.

    Example:
        >>> seconds(0.0123), seconds(2.5e-6), seconds(1.5)
        ('12.3 ms', '2.50 µs', '1.50 s')
    """
    if abs(x) >= 1:
        return f"{digits(x)} s"
    return f"{digits(x * 1e3)} ms" if abs(x) >= 1e-3 else f"{digits(x * 1e6)} µs"


def size(x: float) -> str:
    """Write bytes in millions of them.

    Example:
        >>> size(412_345_678)
        '412 MB'
    """
    return f"{digits(x / 1e6)} MB"


def share(x: float) -> str:
    """Write a share.

    Example:
        >>> share(0.453), share(0.0012)
        ('45 %', '0.12 %')
    """
    return f"{100 * x:.0f} %" if abs(x) >= 0.1 else f"{100 * x:.2g} %"


UNITS = {"seconds": seconds, "bytes": size, "1": share}


def between(values: Mapping[str, Any], unit: str = "seconds") -> str:
    """Write the quartiles of a summary."""
    low, high = values["quartiles"]
    return f"{UNITS[unit](low)} to {UNITS[unit](high)}"


def extremes(values: Mapping[str, Any], unit: str = "seconds") -> str:
    """Write the least and the most of a summary."""
    return f"{UNITS[unit](values['least'])} to {UNITS[unit](values['most'])}"
