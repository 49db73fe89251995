"""Numbers as they are read. Three digits are kept: the spread is rarely smaller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minin.bench import units


def seconds(x: float) -> str:
    """Write a time in the unit that suits it.

    Example:
        >>> seconds(0.0123), seconds(2.5e-6), seconds(1.5)
        ('12.3 ms', '2.50 µs', '1.50 s')
    """
    return units.seconds(x, places=3).replace(" us", " µs")


def size(x: float) -> str:
    """Write bytes in millions of them.

    Example:
        >>> size(412_345_678)
        '412 MB'
    """
    return f"{units.three(x / 1e6, places=3)} MB"


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
