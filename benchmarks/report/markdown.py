"""Tables, and claims that name the file they are from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table, and an empty line: words to the left, numbers to the right.

    Example:
        >>> table(["program", "median"], [["minin", "1.00 s"]])
        ['| program | median |', '|:--|--:|', '| minin | 1.00 s |', '']
    """
    lines = [heads, [":--", *(["--:"] * (len(heads) - 1))], *rows]
    written = ["| " + " | ".join(cells) + " |" for cells in lines]
    return [written[0], written[1].replace(" ", ""), *written[2:], ""]


def link(file: str) -> str:
    """Link to a result.

    Example:
        >>> link("memory-a.json")
        '[memory-a.json](results/memory-a.json)'
    """
    return f"[{file}](results/{file})"


def claim(text: str, file: str) -> str:
    """Write one claim, with the file that every number in it is from."""
    return f"- {text} ({link(file)})"
