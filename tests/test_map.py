"""The map of the project is true: its drawing, and every file that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import ROWS, package_sources
from tests.documents import broken_links
from tools import floors

ROOT = Path(__file__).resolve().parent.parent
MAP = ROOT / "docs" / "architecture.md"
ROW = re.compile(r"^\| \[([\w/]+/)\]\(\.\./(minin/\w+)\) \|(.*)\|$", re.MULTILINE)
NAME = re.compile(r"`((?:[\w*]+/)*(?:[\w*]+\.(?:py|cu|toml|json)|\w+/))`")


def missing(page: str, root: Path) -> list[str]:
    """List the files that stand in a folder's row of the map and not in the folder."""
    return [
        f"{folder}/{name}"
        for _, folder, row in ROW.findall(page)
        for name in NAME.findall(row)
        if not any((root / folder).glob(name.rstrip("/")))
    ]


def test_every_file_that_the_map_names_is_there() -> None:
    page = MAP.read_text("utf-8")
    assert len(ROW.findall(page)) > 12
    assert sum(len(NAME.findall(row)) for _, _, row in ROW.findall(page)) > 60
    assert missing(page, ROOT) == []


def test_a_planted_name_is_found() -> None:
    row = "| [ops/](../minin/ops) | rules | `conv.py`: im2col; `convolution.py`; `cpu/*.py` |"
    assert missing(row, ROOT) == ["minin/ops/convolution.py", "minin/ops/cpu/*.py"]


def test_the_map_has_every_folder_and_every_file_beside_them() -> None:
    page = MAP.read_text("utf-8")
    parts = {module.split(".")[1] for module in package_sources(ROOT)} - {"__init__", "__main__"}
    assert parts == {p for row in ROWS for p in row if p in parts}  # each has a floor
    for part in parts:
        assert f"(../minin/{part})" in page or f"(../minin/{part}.py)" in page, part


def test_the_drawing_is_what_the_imports_make_it() -> None:
    drawn = floors.drawing(package_sources(ROOT))
    assert floors.TARGET.read_text("utf-8") == drawn, "draw it again: python -m tools.floors"


def test_the_drawing_follows_the_imports() -> None:
    sources = {
        "minin.cli": "",
        "minin.ops": "from minin.autograd import Tensor",
        "minin.errors": "",
    }
    before = floors.drawing({**sources, "minin.autograd": ""})
    after = floors.drawing({**sources, "minin.autograd": "from minin import errors"})
    assert ">on autograd<" in before
    assert ">on errors<" not in before
    assert ">on errors<" in after


def test_what_is_reached_through_another_is_not_drawn_twice() -> None:
    graph = {"train": {"ops", "autograd"}, "ops": {"autograd"}, "autograd": set[str]()}
    assert floors.nearest("train", graph) == ["ops"]


def test_every_tool_is_in_the_list_of_tools() -> None:
    page = ROOT / "tools" / "README.md"
    assert broken_links(page, ROOT) == []
    text = page.read_text("utf-8")
    for path in [*(ROOT / "tools").glob("*.py"), *(ROOT / "tools").glob("*/__main__.py")]:
        assert f"({path.relative_to(ROOT / 'tools')})" in text, path


@pytest.mark.parametrize("colour", [floors.INK, floors.SOFT])
@pytest.mark.parametrize("ground", [floors.GROUND, floors.ROOM, floors.READ])
def test_the_drawing_brings_ground_and_ink_that_differ_enough(colour: str, ground: str) -> None:
    bright, dark = luminance(ground), luminance(colour)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5  # what WCAG asks of small letters


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, by WCAG's definition."""
    shares = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_stay_inside_their_room() -> None:
    drawing = floors.drawing(package_sources(ROOT)).partition("A folder imports")[0]
    for room in drawing.split("<rect ")[2:]:  # the first is the ground
        width = float(room.partition('width="')[2].partition('"')[0])
        for size, text in re.findall(r'font-size="(\d+)"[^>]*>([^<]+)</text>', room):
            assert 0.58 * int(size) * len(text) <= width - 20, text  # a letter's mean width, in em
