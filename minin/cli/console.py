"""Words on a terminal: a label, then text that wraps under itself, at most 78 columns."""

from __future__ import annotations

import shutil
import textwrap

WIDEST = 78
LABEL = 10  # columns of the label and the space after it


def width() -> int:
    """Return the columns to fill: those of the terminal, at most 78 and at least 24."""
    return max(24, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))


def indent() -> int:
    """Return the columns to leave empty before a table or picture; none if it is narrow."""
    return LABEL if width() >= 60 else 0


def say(label: str, text: str) -> None:
    """Print a label and a text beside it, wrapped.

    Example:
        >>> say("seed", "7")
        seed      7
    """
    lines = textwrap.wrap(
        text,
        width=width(),
        initial_indent=f"{label:<{LABEL}}",
        subsequent_indent=" " * LABEL,
        break_long_words=False,  # a path that is cut cannot be copied
        break_on_hyphens=False,
    )
    print("\n".join(lines) or label)


def show(lines: list[str]) -> None:
    """Print lines as they are, indented where there is room."""
    for line in lines:
        print(f"{' ' * indent()}{line}".rstrip())


def percent(share: float) -> str:
    """Write a share with as many digits as 10,000 images support.

    Example:
        >>> percent(0.98611), percent(1.0)
        ('98.61 %', '100.00 %')
    """
    return f"{100 * share:.2f} %"


def size(shape: tuple[int, ...]) -> str:
    """Write an image's shape as in 3x32x32."""
    return "x".join(str(n) for n in shape)
