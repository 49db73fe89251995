"""Every picture that the notebooks and documents show: drawn again, by what their captions name.

    python -m tools.pictures               all of them
    python -m tools.pictures 03            those of the rows whose name begins so

A row is a name and what to do: a function that takes the row's name and writes files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools import notebooks, readme_pictures

SETTINGS = {"svg.hashsalt": "minin", "figure.constrained_layout.use": True}


def save(figure: Any, path: Path) -> None:
    """Write a figure as SVG, without a date: the file changes when the picture does."""
    import matplotlib

    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
    text = "\n".join(line.rstrip() for line in path.read_text("utf-8").splitlines())
    path.write_text(f"{text}\n", "utf-8", newline="\n")


def of_notebook(name: str) -> None:
    """Draw the figures of a notebook, from data that everybody has."""
    os.environ.pop("MININ_DATA", None)
    for figure, drawing in notebooks.draw(notebooks.NOTEBOOKS / f"{name}.py"):
        save(drawing, notebooks.FIGURES / f"{figure}.svg")


PICTURES: dict[str, Callable[[str], None]] = {
    **{source.stem: of_notebook for source in notebooks.sources()},
    **dict.fromkeys(("maps", "report", "blocks", "speed"), readme_pictures.draw),
}


def main(words: list[str]) -> int:
    """Draw what the command line asks for."""
    for name, make in PICTURES.items():
        if name.startswith(words[0] if words else ""):
            make(name)
            print(name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
