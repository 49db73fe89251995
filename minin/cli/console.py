"""Words on a terminal: a label, then text that wraps under itself, at most 78 columns."""

from __future__ import annotations

import shutil
from typing import TextIO

from minin.text import LABEL, WIDEST, label


def width() -> int:
    """Return the columns to fill: those of the terminal, at most 78 and at least 24."""
    return max(24, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))


def indent() -> int:
    """Return the columns to leave empty before a table or picture; none if it is narrow."""
    return LABEL if width() >= 60 else 0


def say(name: str, text: str, stream: TextIO | None = None) -> None:
    """Print a label and a text beside it, wrapped, on standard output or another stream.

    Example:
        >>> say("seed", "7")
        seed      7
    """
    print("\n".join(label(name, text, width())), file=stream)


def show(lines: list[str]) -> None:
    """Print lines as they are, indented where there is room."""
    for line in lines:
        print(f"{' ' * indent()}{line}".rstrip())


def size(shape: tuple[int, ...]) -> str:
    """Write an image's shape as in 3x32x32."""
    return "x".join(str(n) for n in shape)
