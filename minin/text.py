"""The one printer: text in columns as a terminal counts them.

A Chinese letter fills two columns and an accent that is set on a letter none, so nothing here
asks for `len`. Words are kept whole: `--batch-size` and a path do not break at their hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

WIDEST = 78
# Style sheets of notebooks differ: all of it is said. Colours are those of the page around.
MONOSPACED = (
    "font-family:Menlo,DejaVu Sans Mono,Consolas,monospace;font-size:13px;line-height:1.35;"
    "margin:0;padding:0;white-space:pre;text-align:left;color:inherit;background:none;border:0"
)
LABEL = 10  # columns of a label and the space after it


def columns(text: str) -> int:
    """Count the columns that a text fills on a terminal.

    Example:
        >>> columns("cat"), columns("猫"), columns("e\u0301")
        (3, 2, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def fit(text: str, most: int) -> str:
    """Return the longest start of a text that fills at most so many columns.

    Example:
        >>> fit("aquarium", 4), fit("水族馆", 5)
        ('aqua', '水族')
    """
    if text.isascii():
        return text[: max(most, 0)]
    end, used = 0, 0
    for letter in text:
        used += _columns_of(letter)
        if used > most:
            break
        end += 1
    return text[:end]


def short(name: str, most: int = 12) -> str:
    r"""Cut a name to so many columns, a dot standing for what is left out.

    Example:
        >>> short("aquarium fish"), short("two\nlines"), short("dolphin", 3), short("水族馆", 5)
        ('aquarium fi.', 'two lines', 'do.', '水族.')
    """
    line = " ".join(name.split()) or "?"
    return line if columns(line) <= most else f"{fit(line, most - 1)}."


def pad(text: str, width: int) -> str:
    """Fill a text with spaces up to ``|width|`` columns: on its left, or if negative on its right.

    Example:
        >>> pad("7", 3), pad("cat", -5), pad("猫", -5)
        ('  7', 'cat  ', '猫   ')
    """
    space = " " * (abs(width) - columns(text))
    return text + space if width < 0 else space + text


def in_columns(cells: Sequence[str], widths: Sequence[int], gap: str = " ") -> str:
    """Set cells side by side, each in a column of its width as `pad` reads it.

    Example:
        >>> in_columns(["relu", "1.5"], [-6, 5])
        'relu     1.5'
    """
    return gap.join(pad(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def table(rows: Sequence[Sequence[str]], words: int = 1, gap: str = " ") -> list[str]:
    r"""Set rows below each other, each column as wide as its widest cell.

    Args:
        rows: the cells, as many in each row.
        words: so many columns, from the left, hold words and start at their left edge; the
            others hold numbers and end at their right edge.
        gap: what stands between two columns.

    Example:
        >>> print("\n".join(table([("layer", "MACs"), ("conv", "7"), ("猫", "1,024")])))
        layer  MACs
        conv      7
        猫    1,024
    """
    widest = [max(map(columns, cells)) for cells in zip(*rows, strict=True)]
    widths = [-width if place < words else width for place, width in enumerate(widest)]
    return [in_columns(cells, widths, gap) for cells in rows]


def wrap(
    text: str, width: int = WIDEST, first: str = "", rest: str = "", cut: bool = True
) -> list[str]:
    """Break a text into lines at its spaces; spaces inside a line stay as many as they are.

    Args:
        text: what to write; its line breaks count as spaces.
        width: columns to fill.
        first: what the first line starts with.
        rest: what the other lines start with.
        cut: whether a word that fits no line is cut; a path that is cut cannot be copied.

    Example:
        >>> wrap("one two  three", 9, first="- ", rest="  ")
        ['- one two', '  three']
        >>> wrap("深度学习入门", 8)
        ['深度学习', '入门']
    """
    lines: list[str] = []
    line, head = "", first
    for space, word in re.findall(r"(\s*)(\S+)", text):
        blank = " " * len(space) if line or not lines else ""
        while True:
            room = width - columns(head)
            if columns(line + blank + word) <= room:
                line += blank + word
                break
            if line:
                lines.append(head + line)
                line, blank, head = "", "", rest
                continue
            part = fit(word, max(room, 1)) or word[0]
            if not cut or part == word:
                line = word
                break
            lines.append(head + part)
            word, blank, head = word[len(part) :], "", rest
    return [*lines, head + line] if line else lines


def label(name: str, text: str, width: int = WIDEST, room: int = LABEL) -> list[str]:
    """Set a label before a text, whose further lines stand under its first.

    Example:
        >>> label("seed", "7")
        ['seed      7']
    """
    return wrap(text, width, pad(name, -room), " " * room, cut=False) or [name]


def some(items: Sequence[str], most: int = 6) -> str:
    """List the first few items, and count the others.

    Example:
        >>> some(["weight", "bias"]), some("abcd", 2)
        ('weight, bias', 'a, b and 2 more')
    """
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")


def as_html(text: str) -> str:
    """Write lines for a notebook, letter below letter.

    Example:
        >>> as_html("a < b").partition(">")[2]
        'a &lt; b</pre>'
    """
    return f'<pre style="{MONOSPACED};overflow-x:auto">{escape(text)}</pre>'


def percent(share: float) -> str:
    """Write a share with as many digits as 10,000 images support.

    Example:
        >>> percent(0.98611), percent(1.0)
        ('98.61 %', '100.00 %')
    """
    return f"{100 * share:.2f} %"
