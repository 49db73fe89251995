"""Reading TOML with the standard library's reader, which Python 3.10 has under another name."""

from __future__ import annotations

import sys
from typing import Any

from minin.errors import DataError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


MOST_DOTS = 1000  # on one line: the reader's memory grows with the square of a dotted key


def read_toml(text: str) -> dict[str, Any]:
    """Read a TOML document; its integers have 64 bits, as TOML promises.

    Raises:
        DataError: if it is none; the message says where.

    Example:
        >>> read_toml("stars = 2")
        {'stars': 2}
    """
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise DataError(
            f"this is not TOML that minin reads: a line has more than {MOST_DOTS:,} dots"
        )
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"this is no TOML: {error}") from error
    _check_integers(values)
    return values


def of_minin(path: str) -> dict[str, Any]:
    """Read a TOML file that minin brings along, by its path in the package.

    Example:
        >>> of_minin("sentences/en/labels.toml")["fix"]
        'fix'
    """
    from importlib.resources import files  # slow to load, and seldom needed

    return read_toml(files("minin").joinpath(path).read_text("utf-8"))


def _check_integers(values: dict[str, Any]) -> None:
    """Refuse integers that Python reads and nobody can print."""
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise DataError("this is no TOML: an integer has more than 64 bits")
