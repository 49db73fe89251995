"""The notebooks: both forms say the same, they run, and no check accepts a wrong answer."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from minin.cli.arguments import listed
from tests.test_words import private_words
from tools import notebooks

pytest.importorskip("jupytext", reason="pip install -e '.[dev]' brings jupytext")

SOURCES = notebooks.sources()
each = pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
ASK_MODE = """
from minin.autograd.state import current_mode
assert current_mode() == "plain", "a print in an op's file would not print"
"""
LINK = re.compile(r"!\[([^\]]+)\]\(figures/(\w+)\.svg\)")


def text_of(source: Path) -> str:
    """All text cells of a notebook."""
    cells = notebooks.notebook(source).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@each
def test_both_forms_are_one_notebook(source: Path) -> None:
    written = source.with_suffix(".ipynb").read_text("utf-8")
    assert written == notebooks.as_text(notebooks.notebook(source)), (
        "write it again: python -m tools.notebooks pair"
    )


def test_a_change_in_one_form_is_seen(tmp_path: Path) -> None:
    copied = tmp_path / SOURCES[0].name
    copied.write_text(SOURCES[0].read_text("utf-8").replace("x = ", "x =  "), "utf-8")
    changed = notebooks.as_text(notebooks.notebook(copied))
    assert changed != SOURCES[0].with_suffix(".ipynb").read_text("utf-8")


@each
def test_no_output_is_kept(source: Path) -> None:
    book = json.loads(source.with_suffix(".ipynb").read_text("utf-8"))
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 8
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)


@each
def test_it_opens_and_closes_like_the_others(source: Path) -> None:
    cells = notebooks.notebook(source).cells
    first, code = cells[0].source, next(c.source for c in cells if c.cell_type == "code")
    assert first.startswith(f"# {source.name[:2]} ")
    assert "After this notebook you can" in first
    assert "pip install -e '.[notebooks]'" in first  # and never a name that an index might know
    assert not re.search(r"pip install " + r"minin\b", text_of(source))
    assert 'os.environ["MININ_RULES"] = "plain"' in code
    assert "**Predict**" in text_of(source)
    questions = cells[-1].source.partition("## Three questions to close")[2]
    assert re.findall(r"^\d(?=\. )", questions, re.MULTILINE) == ["1", "2", "3"]


@each
def test_it_has_three_exercises_with_a_right_and_a_wrong_answer(source: Path) -> None:
    titles = [notebooks.title(cell) for cell in notebooks.notebook(source).cells]
    given = notebooks.answers(source)
    for number in "123":
        place = titles.index(f"exercise {number}")
        assert titles[place + 1] == f"check {number}"
        assert f"exercise {number}" in given
        assert any(name.startswith(f"exercise {number}, wrong: ") for name in given)


@each
def test_every_figure_is_drawn_and_shown(source: Path) -> None:
    titles = [notebooks.title(cell) for cell in notebooks.notebook(source).cells]
    drawn = {title.removeprefix("figure ") for title in titles if title.startswith("figure ")}
    shown = {name: words for words, name in LINK.findall(text_of(source))}
    assert drawn == set(shown), "each figure is drawn by a cell and linked from a text"
    for name in shown:
        root = ElementTree.parse(notebooks.FIGURES / f"{name}.svg").getroot()
        assert root.tag.endswith("svg")
        assert name.startswith(source.name[:3])


def test_no_figure_is_left_over() -> None:
    shown = {name for source in SOURCES for _, name in LINK.findall(text_of(source))}
    assert {path.stem for path in notebooks.FIGURES.glob("*.svg")} == shown


@each
def test_they_are_written_in_plain_words(source: Path) -> None:
    assert private_words(source.read_text("utf-8")) == []


@each
def test_no_product_is_read_as_emphasis(source: Path) -> None:
    prose = "\n".join(x for x in text_of(source).splitlines() if not x.startswith("    "))
    prose = re.sub(r"`[^`]*`", "", prose)
    assert re.findall(r"[\w)]\*[\w(]", re.sub(r"\*\*", "", prose)) == []
    assert re.findall(r"^(?:\+|\d+\)) .*", prose, re.MULTILINE) == []  # would begin a list


@each
def test_the_questions_have_answers(source: Path) -> None:
    page = (notebooks.ROOT / "docs" / "notebook-answers.md").read_text("utf-8")
    section = page.partition(f"## {source.name[:2]} ")[2].partition("\n## ")[0]
    assert re.findall(r"^\d(?=\. )", section, re.MULTILINE) == ["1", "2", "3"]


def test_the_table_leads_to_every_notebook_by_commands_that_exist() -> None:
    page = (notebooks.ROOT / "docs" / "notebooks.md").read_text("utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if "/notebooks/" in row and row[0] == "|"]
    assert len(rows) >= 15
    assert all(f"(../notebooks/{source.stem}.ipynb)" in page for source in SOURCES)
    for _, _, command, figure, test in rows:
        words = command.strip("`").split()
        assert words[0] == "minin"
        assert {" ".join(words[1:2]), " ".join(words[1:3])} & listed().keys(), command
        assert ".svg" in figure
        assert "/tests/" in test


def test_the_engine_has_sixty_lines() -> None:
    source = notebooks.NOTEBOOKS / "06_engine.py"
    cells = notebooks.notebook(source).cells
    engine = [cell.source for cell in cells if notebooks.title(cell).startswith("engine")]
    assert len(engine) == 3
    assert sum(len(program.splitlines()) for program in engine) <= 60


@pytest.mark.thorough
@pytest.mark.notebooks
@each
def test_it_runs_and_its_checks_refuse_wrong_answers(source: Path) -> None:
    book, refused = notebooks.judged(notebooks.notebook(source), notebooks.answers(source))
    assert len(refused) >= 6
    last = copy.deepcopy(book.cells[1])
    last.id, last.source = "cell-last", ASK_MODE
    book.cells.append(last)
    ran = notebooks.execute(book)
    assert notebooks.accepted(ran, refused) == []
    kinds = {output.output_type for cell in ran.cells for output in cell.get("outputs", ())}
    assert "execute_result" not in kinds, "a cell ends in a value that nobody wanted to print"


@pytest.mark.thorough
@pytest.mark.notebooks
def test_a_check_that_accepts_everything_is_seen() -> None:
    book = copy.deepcopy(notebooks.notebook(SOURCES[0]))
    places = [k for k, c in enumerate(book.cells) if notebooks.title(c).endswith(" 1")]
    book.cells = [book.cells[k] for k in places]  # exercise 1 and its check
    book.cells[-1].source = "print('right')"
    book, refused = notebooks.judged(book, notebooks.answers(SOURCES[0]))
    assert notebooks.accepted(notebooks.execute(book), refused) == [*refused.values()]


def test_a_picture_in_a_page_has_a_description() -> None:
    form = pytest.importorskip("nbformat.v4")
    drawn = form.new_output("display_data", {"image/png": "AAAA"})
    cell = form.new_code_cell("draw()", metadata={"title": "figure x"}, outputs=[drawn])
    words = form.new_markdown_cell('# 00\n\n![a "dark" square](figures/x.svg)\n\ntext')
    book = form.new_notebook(cells=[words, cell])
    notebooks.describe(book)
    assert 'alt="a &quot;dark&quot; square"' in drawn.data["text/html"]
    assert "figures/x.svg" not in words.source
