"""Numbers as people write them."""

from __future__ import annotations


def seconds(value: float | None, places: int = 2) -> str:
    """Write a time as `three` does.

    Example:
        >>> seconds(0.00123456), seconds(2.5e-7), seconds(12.0), seconds(None)
        ('1.23 ms', '0.25 us', '12.0 s', '-')
    """
    if value is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e-3)):
        if abs(value) >= factor:
            return f"{three(value / factor, places)} {unit}"
    return f"{three(value / 1e-6, places)} us"


def three(value: float, places: int = 2) -> str:
    """Write three digits, or all before the point; below 1 so many behind it.

    Example:
        >>> three(1.2345), three(12.345), three(1234.5), three(0.5)
        ('1.23', '12.3', '1,234', '0.50')
    """
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.{places if abs(value) < 1 else 2}f}"


def percent(share: float) -> str:
    """Write a share in percent, with a digit after the point below ten; much more as a factor.

    Example:
        >>> percent(0.034), percent(0.71), percent(12.5)
        ('3.4 %', '71 %', '12 x')
    """
    value = 100 * share
    if value >= 999.5:
        return f"{share:,.0f} x"
    return f"{value:.1f} %" if value < 9.95 else f"{value:.0f} %"


def count(value: float) -> str:
    """Write a count with a letter for its thousands.

    Example:
        >>> count(52_428_800), count(1_990_656_000), count(512)
        ('52.4 M', '1.99 G', '512 ')
    """
    for letter, factor in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{three(value / factor)} {letter}"
    return f"{value:.0f} "


def rate(value: float, unit: str) -> str:
    """Write what is done a second, in thousand or million millions.

    Example:
        >>> rate(1.503e11, "FLOP/s"), rate(5.1e13, "FLOP/s"), rate(3e7, "B/s")
        ('150 GFLOP/s', '51.0 TFLOP/s', '0.03 GB/s')
    """
    if value >= 999.5e9:
        return f"{three(value / 1e12)} T{unit}"
    return f"{three(value / 1e9)} G{unit}"


def error(value: float | None) -> str:
    """Write an error with one digit.

    Example:
        >>> error(1.23e-07), error(0.0), error(None)
        ('1e-07', '0', 'inf')
    """
    if value is None:
        return "inf"
    return f"{value:.0e}" if value else "0"
