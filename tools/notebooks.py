"""The notebooks: their other form, their run with answers, their pictures, and pages to read.

    python -m tools.notebooks pair         write each NAME.ipynb from its NAME.py, without outputs
    python -m tools.notebooks run  [NN]    run them from top to bottom, with the answers filled in
    python -m tools.notebooks html [NN]    run them as they are; write notebooks/html/NAME.html

A notebook is written in `notebooks/NAME.py`, in cells that begin with `# %%`. A cell's title says
what it is: `# %% exercise 2` is to be filled in, `# %% check 2` judges what was filled in, and
`# %% figure NAME` draws notebooks/figures/NAME.svg. Answers stand in `notebooks/solutions/NAME.py`:
`# %% exercise 2` is right, and `# %% exercise 2, wrong: ...` must be refused by the check.
"""

from __future__ import annotations

import argparse
import copy
import html
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minin import rules

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
FIGURES = NOTEBOOKS / "figures"
PAGES = NOTEBOOKS / "html"
SECONDS = 120  # for one cell: beyond it, it hangs
EXPECTED = "raises-exception"  # the tag of a cell that may fail: a check, until it is answered
SHOWN = re.compile(r"!\[(?P<words>[^\]]+)\]\(figures/(?P<name>\w+)\.svg\)")
CELL = re.compile(r"^# %% (?P<title>.+)$", re.MULTILINE)


def sources(only: str = "") -> list[Path]:
    """List the notebooks, or those whose name begins with ``only``."""
    return sorted(NOTEBOOKS.glob(f"{only}*_*.py"))


# ---- one notebook in two forms ----------------------------------------------------------------


def notebook(source: Path) -> Any:
    """Read a notebook; its cells are numbered, so that the same text gives the same file."""
    import jupytext

    book = jupytext.read(source)
    for number, cell in enumerate(book.cells, start=1):
        cell.id = f"cell-{number:02}"
        if title(cell).startswith("check"):
            cell.metadata["tags"] = [EXPECTED]
    book.metadata.pop("jupytext", None)  # else it would name a version of jupytext
    book.nbformat, book.nbformat_minor = 4, 5
    return book


def as_text(book: Any) -> str:
    """Write a notebook as an .ipynb file has it."""
    import nbformat

    return f"{nbformat.writes(book).rstrip()}\n"


def title(cell: Any) -> str:
    """Return what stands after a cell's `# %%`."""
    return str(cell.metadata.get("title", ""))


# ---- exercises and their answers --------------------------------------------------------------


def answers(source: Path) -> dict[str, str]:
    """Read the answers to a notebook's exercises: the title of a cell -> its program."""
    text = (source.parent / "solutions" / source.name).read_text("utf-8")
    parts = CELL.split(text)[1:]
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))


def solved(book: Any, given: dict[str, str]) -> Any:
    """Return the notebook with the right answers filled in, and every check in earnest."""
    book = copy.deepcopy(book)
    for cell in book.cells:
        cell.source = given.get(title(cell), cell.source)
        if title(cell).startswith("check"):
            cell.metadata["tags"] = []
    return book


def judged(book: Any, given: dict[str, str]) -> tuple[Any, dict[int, str]]:
    """Put before each right answer all that its check must refuse: no answer, and wrong ones.

    Returns:
        The notebook, and the answers to be refused, by the place of the check that must raise.
    """
    cells: list[Any] = []
    refused: dict[int, str] = {}
    for cell in solved(book, given).cells:
        if title(cell).startswith("check"):
            right, exercise = cells.pop(), title(cell).replace("check", "exercise")
            starter = next(c.source for c in book.cells if title(c) == exercise)
            wrong = {name: text for name, text in given.items() if name.startswith(f"{exercise},")}
            for name, text in {f"{exercise}, no answer": starter, **wrong}.items():
                attempt, check = copy.deepcopy(right), copy.deepcopy(cell)
                attempt.source, check.metadata["tags"] = text, [EXPECTED]
                cells += [attempt, check]
                refused[len(cells) - 1] = name
            cells.append(right)
        cells.append(cell)
    for number, cell in enumerate(cells, start=1):
        cell.id = f"cell-{number}"
    result = copy.deepcopy(book)
    result.cells = cells
    return result, refused


def accepted(book: Any, refused: dict[int, str]) -> list[str]:
    """Name the answers that an executed notebook's checks should have refused, and did not."""
    return [
        name
        for place, name in refused.items()
        if not any(o.get("ename") == "AssertionError" for o in book.cells[place].outputs)
    ]


# ---- running ----------------------------------------------------------------------------------


def execute(book: Any, folder: Path = NOTEBOOKS) -> Any:
    """Run a notebook in a kernel of its own; one cell must not take over two minutes."""
    from nbclient import NotebookClient

    book = copy.deepcopy(book)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    return book


def draw(source: Path) -> Iterator[tuple[str, Any]]:
    """Run a notebook's cells here; yield every figure's name, and the figure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    book = solved(notebook(source), answers(source))
    namespace: dict[str, object] = {"__name__": source.stem}
    with rules("plain"):  # a notebook asks for them by a variable, which minin has already read
        for cell in book.cells:
            if cell.cell_type == "code":
                place = f"{source.name}, {title(cell) or cell.id}"
                exec(compile(cell.source, place, "exec"), namespace)
            if title(cell).startswith("figure "):
                yield title(cell).removeprefix("figure "), pyplot.gcf()
            pyplot.close("all")


def describe(book: Any) -> None:
    """Give each figure that was drawn its link's words, for those who cannot see; drop the link."""
    drawn = {
        title(c).removeprefix("figure "): c for c in book.cells if title(c).startswith("figure ")
    }
    for cell in book.cells:
        links = SHOWN.finditer(cell.source) if cell.cell_type == "markdown" else ()
        for link in (found for found in links if found["name"] in drawn):
            cell.source = cell.source.replace(link[0], "")
            for output in drawn[link["name"]].outputs:
                if png := output.get("data", {}).get("image/png"):
                    picture = f'src="data:image/png;base64,{png.strip()}"'
                    output.data = {
                        "text/html": f'<img alt="{html.escape(link["words"])}" {picture}>'
                    }


def page(book: Any) -> str:
    """Write an executed notebook as HTML: one file, with its pictures in it."""
    from nbconvert import HTMLExporter

    describe(book)
    for cell in book.cells:
        if EXPECTED in cell.metadata.get("tags", ()):
            cell.outputs = []  # nobody has answered yet
    exporter = HTMLExporter(embed_images=True, exclude_anchor_links=True, theme="light")
    resources = {"metadata": {"path": str(NOTEBOOKS), "name": book.cells[0].source.lstrip("# ")}}
    text, _ = exporter.from_notebook_node(book, resources)
    return str(text)


def main(words: list[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=("pair", "run", "html"))
    parser.add_argument("only", nargs="?", default="", help="how the names begin, as in 03")
    options = parser.parse_args(words)
    for source in sources(options.only):
        book, start = notebook(source), time.perf_counter()
        if options.what == "pair":
            source.with_suffix(".ipynb").write_text(as_text(book), "utf-8", newline="\n")
        elif options.what == "run":
            execute(solved(book, answers(source)))
        else:
            PAGES.mkdir(exist_ok=True)
            text = page(execute(book))
            (PAGES / source.with_suffix(".html").name).write_text(text, "utf-8", newline="\n")
        print(f"{options.what} {source.stem}: {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
