"""Drawings: SVG that parses whatever is written, PNG of the same, pixels that come back."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minin.plots import Drawing
from minin.plots.drawing import PALETTES, bitmap, mixed
from tests.choice import examples
from tests.test_map import luminance

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing, dark: bool = False) -> ET.Element:
    return ET.fromstring(drawing.encode(".svg", dark))


@settings(max_examples=examples(60), deadline=None)
@given(text=st.text(), title=st.text(), hint=st.text())
def test_any_text_gives_svg_that_parses(text: str, title: str, hint: str) -> None:
    drawing = Drawing(50, 20, title, text)
    drawing.words(0, 10, text, mono=True)
    drawing.box(1, 2, 3, 4, hint=hint)
    root = parsed(drawing)
    assert root.attrib["role"] == "img"
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    written = root.find(f"{SVG}text")
    assert written is not None
    assert (written.text or "").split() == "".join(
        c if c.isprintable() else " " for c in text
    ).split()


@settings(max_examples=examples(60), deadline=None)
@given(x=st.floats(0, 900), y=st.floats(0, 900), width=st.floats(0, 900), height=st.floats(0, 900))
def test_a_box_is_where_it_was_put(x: float, y: float, width: float, height: float) -> None:
    drawing = Drawing(900, 900, "t", "d")
    drawing.box(x, y, width, height)
    box = parsed(drawing).findall(f"{SVG}rect")[1].attrib  # the first is the ground
    found = [float(box[name]) for name in ("x", "y", "width", "height")]
    assert found == pytest.approx([x, y, width, height], rel=1e-5, abs=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(colours=arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_pixels_come_back_from_the_bitmap(colours: Any) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    read = np.asarray(image.open(io.BytesIO(bitmap(colours))))
    np.testing.assert_array_equal(read, colours)


def decoded(image: ET.Element) -> Any:
    """The colours (H, W, 3) of an <image>, each pixel as many times as it was repeated."""
    reader = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    code = image.attrib["href"].partition(",")[2]
    return np.asarray(reader.open(io.BytesIO(base64.b64decode(code))))


def test_numbers_are_mixed_from_the_ground_of_each_page() -> None:
    drawing = Drawing(30, 10, "t", "d")
    drawing.pixels(0, 0, 30, 10, np.array([[-1.0, 0.0, 1.0]]))
    for dark in (False, True):
        shown = parsed(drawing, dark).find(f"{SVG}image")
        assert shown is not None
        row = decoded(shown)[0]
        of = PALETTES[dark]
        ends = [f"#{row[k].tobytes().hex()}" for k in (0, len(row) // 2, -1)]
        assert ends == [of["blue"], of["ground"], of["orange"]]


@settings(max_examples=examples(60), deadline=None)
@given(share=st.floats(-1, 1))
def test_more_is_never_nearer_to_the_ground(share: float) -> None:
    ground, half, full = mixed(np.array([[0.0, share / 2, share]]), PALETTES[0])[0]
    assert np.linalg.norm(full - ground) >= np.linalg.norm(half - ground) - 1e-12


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ink", ["ink", "soft", "blue", "orange", "green", "red"])
def test_words_can_be_read_on_both_pages(dark: bool, ink: str) -> None:
    of = PALETTES[dark]
    for ground in ("ground", "room") + ("pale", "warm") * (ink in ("ink", "soft")):
        low, high = sorted((luminance(of[ink]), luminance(of[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@pytest.mark.plots
def test_png_shows_what_svg_says() -> None:
    image = pytest.importorskip("matplotlib.image", reason="matplotlib is not installed")
    drawing = Drawing(60, 40, "t", "d")
    drawing.box(30, 0, 30, 40, "blue")
    drawing.line((0, 20), (20, 20), colour="red", width=4)
    drawing.arrow((5, 5), (25, 5))
    drawing.words(2, 38, "x$")
    drawing.pixels(0, 30, 4, 4, np.zeros((1, 1, 3)))
    for dark in (False, True):
        shown = image.imread(io.BytesIO(drawing.encode(".png", dark)))
        assert shown.shape[:2] == (80, 120)
        for (row, column), part in {(40, 90): "blue", (40, 20): "red", (55, 50): "ground"}.items():
            wanted = [int(PALETTES[dark][part][k : k + 2], 16) / 255 for k in (1, 3, 5)]
            assert shown[row, column, :3] == pytest.approx(wanted, abs=0.02), part
        assert drawing.encode(".png", dark) == drawing.encode(".png", dark)
