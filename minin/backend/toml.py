"""Reading TOML with the standard library's reader, which Python 3.10 has under another name."""

from __future__ import annotations

import sys
from typing import Any

from minin.errors import DataError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(text: str) -> dict[str, Any]:
    """Read a TOML document.

    Raises:
        DataError: if it is none; the message says where.

    Example:
        >>> read_toml("stars = 2")
        {'stars': 2}
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"this is no TOML: {error}") from error
