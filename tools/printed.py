"""Fills what the programs of a page print into the page.

    python -m tools.printed docs/other-peoples-gradients.md

After a block of Python, a block marked `text` holds what it prints. The blocks of a page share
their names, and are run from the first to the last.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import Any

from tests.documents import blocks


def printed(markdown: str, name: str) -> str:
    r"""Return a page with what its programs print now.

    Example:
        >>> fence = "`" * 3
        >>> page = f"{fence}python\nprint(1 + 1)\n{fence}\n\n{fence}text\n3\n{fence}\n"
        >>> printed(page, "page.md") == page.replace("3", "2")
        True
    """
    lines = markdown.splitlines()
    namespace: dict[str, Any] = {"__name__": name}
    said, moved = "", 0
    for block in blocks(markdown):
        if block.language == "python":
            text = "\n" * (block.line - 1) + block.text  # a traceback names the page's own line
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(text, name, "exec"), namespace)
            said = out.getvalue().rstrip("\n")
        elif block.language == "text":
            count = len(block.text.splitlines()) if block.text.strip() else 0
            start = block.line - 1 + moved
            fresh = said.splitlines()
            lines[start : start + count] = fresh
            moved += len(fresh) - count
    return "\n".join(lines) + "\n"


def main(paths: list[str]) -> None:
    """Fill in the pages that are named."""
    for path in map(Path, paths):
        path.write_text(printed(path.read_text("utf-8"), path.name), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
