"""README's pictures are those that minin draws now, and say what README says."""

from __future__ import annotations

import copy
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from minin.cli import main
from tests.plots.test_drawing import SVG
from tools import pictures, readme_pictures

README = (readme_pictures.ROOT / "README.md").read_text("utf-8")
SHOWN = dict(re.findall(r"!\[([^\]]*)\]\(docs/pictures/(\w+)\.svg\)", README))
RECORD = json.loads(readme_pictures.RESULT.read_text("utf-8"))


def kept(name: str) -> str:
    return (readme_pictures.FOLDER / f"{name}.svg").read_text("utf-8")


def words_of(svg: str) -> list[str]:
    """The words of a picture; how small an error is differs from machine to machine."""
    found = [element.text or "" for element in ET.fromstring(svg).findall(f"{SVG}text")]
    return [re.sub(r"\de-\d+", "#", words) for words in found]


def test_every_picture_of_the_readme_is_drawn_by_make_pictures_and_described() -> None:
    assert sorted(SHOWN.values()) == ["blocks", "maps", "report", "speed"]
    assert set(SHOWN.values()) <= set(pictures.PICTURES)
    assert {path.stem for path in readme_pictures.FOLDER.iterdir()} == set(SHOWN.values())
    for words, name in SHOWN.items():
        assert len(words) > 40
        root = ET.fromstring(kept(name))
        assert root.findtext(f"{SVG}title")
        assert root.findtext(f"{SVG}desc")


def test_the_layers_are_those_of_the_caption(tmp_path: Path) -> None:
    target = tmp_path / "now.svg"
    assert main(["explain", "blocks", "nin-cifar10", "-o", str(target)]) == 0
    assert target.read_text("utf-8") == kept("blocks"), "draw it again: make pictures"
    assert "966,986" in next(words for words, name in SHOWN.items() if name == "blocks")


def test_the_report_is_that_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = words_of(readme_pictures.report().svg())
    assert drawn == words_of(kept("report")), "draw it again: make pictures"
    printed = re.sub(r"\de-\d+", "#", capsys.readouterr().out).split()
    assert " ".join(drawn).split() == printed


def test_the_bars_are_the_recorded_times() -> None:
    assert readme_pictures.speed(RECORD).svg() == kept("speed"), "draw it again: make pictures"
    part = RECORD["parts"][0]
    medians = [peer["measures"]["step"]["values"]["median"] for peer in part["peers"]]
    bars = ET.fromstring(kept("speed")).findall(f"{SVG}rect")[1:]
    widths = [float(bar.attrib["width"]) for bar in bars]
    ratios = [width / median for width, median in zip(widths, medians, strict=True)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-4)
    told = next(words for words, name in SHOWN.items() if name == "speed")
    for number in re.findall(r"\d[\d.]*(?= ms| s\b)", told):
        assert any(words.startswith(f"{number} ") for words in words_of(kept("speed")))


def test_another_time_is_another_picture() -> None:
    other = copy.deepcopy(RECORD)
    other["parts"][0]["peers"][0]["measures"]["step"]["values"]["median"] *= 1.1
    assert readme_pictures.speed(other).svg() != readme_pictures.speed(RECORD).svg()


def test_the_class_maps_show_the_digit_and_all_classes() -> None:
    words = words_of(kept("maps"))
    assert words[0].startswith("mnist test image 4, a '4', looks like '4'")
    scores = {name: float(words[words.index(name) + 1]) for name in "0123456789"}
    assert max(scores, key=scores.__getitem__) == "4"
    assert len(ET.fromstring(kept("maps")).findall(f"{SVG}image")) == 11


def test_without_the_files_of_mnist_the_maps_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(readme_pictures, "DATA", None)
    monkeypatch.setattr(readme_pictures, "FOLDER", tmp_path)
    readme_pictures.draw("maps")
    assert list(tmp_path.iterdir()) == []
    assert "MININ_DATA" in capsys.readouterr().out
