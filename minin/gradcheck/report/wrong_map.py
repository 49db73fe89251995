"""Where it is wrong, as a small map of characters."""

from __future__ import annotations

import numpy as np

from minin.backend import Array
from minin.sentences import sentence
from minin.text import columns, pad

ROWS, COLUMNS = 6, 18


def picture(wrong: Array, ascii_only: bool = True) -> list[str]:
    """Draw the slice of a mask with most wrong entries; at most 6 rows of 18 characters.

    Example:
        >>> for line in picture(np.array([[False, True], [False, False]])):
        ...     print(line)
        row 0  . #        # = wrong
        row 1  . .
    """
    if wrong.ndim == 0 or wrong.size == 0:
        return []
    flat = np.atleast_2d(wrong)
    index: tuple[int, ...] = ()
    if flat.ndim > 2:
        counts = flat.reshape(*flat.shape[:-2], -1).sum(axis=-1)
        index = tuple(int(k) for k in np.unravel_index(int(counts.argmax()), counts.shape))
    shown = flat[index]
    top, left = _corner(shown)
    part = shown[top : top + ROWS, left : left + COLUMNS]
    mark, dot = ("#", ".") if ascii_only else ("\u25a0", "\u00b7")
    lines = []
    for number, row in enumerate(part, top):
        cells = " ".join(mark if w else dot for w in row)
        head = sentence("gradcheck.row", number=number) if wrong.ndim > 1 else ""
        lines.append(f"{pad(head, -6)} {cells}")
    if columns(lines[0]) < 50:
        lines[0] += f"        {sentence('gradcheck.legend', mark=mark)}"
    if index and len(lines) > 1 and columns(lines[1]) < 45:
        lines[1] += f"        {_slice(index)}"
    rest = shown.shape[0] - part.shape[0]
    if rest > 0:
        lines[-1] += f"   {sentence('gradcheck.more_rows', count=rest)}"
    return lines


def _slice(index: tuple[int, ...]) -> str:
    if len(index) == 2:
        return sentence("gradcheck.sample_channel", sample=index[0], channel=index[1])
    return sentence("gradcheck.slice", index=", ".join(map(str, index)))


def _corner(shown: Array) -> tuple[int, int]:
    """Choose the window's corner such that a wrong entry is in comparison."""
    if not shown.any():
        return 0, 0
    rows, columns = np.nonzero(shown)
    top = 0 if rows.min() < ROWS else int(min(rows.min(), shown.shape[0] - ROWS))
    left = 0 if columns.min() < COLUMNS else int(min(columns.min(), shown.shape[1] - COLUMNS))
    return max(top, 0), max(left, 0)
