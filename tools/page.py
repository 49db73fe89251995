"""The pages of docs/ that tools write: a template of `tools/pages`, its named places filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parent / "pages"
DOCS = Path(__file__).resolve().parent.parent / "docs"


def page(name: str, **values: object) -> str:
    """Fill in the places of a template, as in $rows."""
    return Template((TEMPLATES / f"{name}.txt").read_text("utf-8")).substitute(values)


def rows(cells: Iterable[Sequence[object]]) -> str:
    """Write the rows of a table, whose heads stand in the template.

    Example:
        >>> print(rows([["relu", 3], ["tanh", 4]]))
        | relu | 3 |
        | tanh | 4 |
    """
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in cells)
