"""A bar on a terminal, that of tqdm; a log or a pipe holds whole lines only."""

from __future__ import annotations

import sys
from typing import Any, TypeVar

from minin.cli.console import width

Self = TypeVar("Self", bound="Bar")


class Bar:
    """One bar at a time on stdout, gone when it is closed.

    Args:
        quiet: whether to draw none, on a terminal either.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._bar: Any = None
        self._tqdm = _tqdm() if not quiet and _on_terminal() else None

    @property
    def draws(self) -> bool:
        """Whether there is a bar to be seen."""
        return self._tqdm is not None

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away, also when what it shows has failed."""
        self.close()

    def move(self, steps: int, **how: Any) -> None:
        """Move the bar on; the first time it is made, as tqdm is told."""
        if self._tqdm is not None:
            if self._bar is None:
                screen = {"file": sys.stdout, "ncols": width(), "ascii": True, "leave": False}
                self._bar = self._tqdm(**screen, **how)
            self._bar.update(steps)

    def close(self) -> None:
        """Take the bar away; the next step makes another."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _tqdm() -> Any:
    """Import tqdm where there is one; a browser has none and no terminal either."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm
