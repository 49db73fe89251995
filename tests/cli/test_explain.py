"""`minin explain`: a file for every kind, and what it refuses."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from minin.cli.explain import KINDS
from tests.cli.conftest import Trained, assert_error, call


def words(kind: str, trained: Trained) -> list[str]:
    subject = {"im2col": []}.get(kind, [str(trained.folder)])
    return ["explain", kind, *subject]


@pytest.mark.parametrize("dark", [[], ["--dark"]], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_writes_svg_with_title_and_description(
    kind: str, dark: list[str], trained: Trained
) -> None:
    done = call(*words(kind, trained), *dark)
    assert (done.code, done.out, done.err) == (0, f"saved     {kind}.svg\n", "")
    root = ET.parse(f"{kind}.svg").getroot()
    told = [root.findtext(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc")]
    assert all(told)
    assert call(*words(kind, trained), *dark).code == 0  # its own file is drawn again


@pytest.mark.plots
def test_png_light_and_dark(trained: Trained) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    found = []
    for dark in ([], ["--dark"], []):
        done = call(*words("curves", trained), *dark, "-o", "x.png")
        assert (done.code, done.err) == (0, "")
        found.append(Path("x.png").read_bytes())
    assert found[0] == found[2] != found[1]


def test_without_matplotlib_there_is_no_png(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert_error(call("explain", "im2col", "-o", "x.png"), "needs matplotlib: pip install")
    assert call("explain", "im2col").code == 0  # SVG needs none


def test_dot_is_printed_and_nothing_written() -> None:
    done = call("explain", "graph", "nin-digits", "--dot")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("digraph minin {\n")
    assert "mlpconv" in done.out
    assert not list(Path().iterdir())


def test_the_network_beside() -> None:
    assert call("explain", "blocks", "nin-imagenet", "--beside", "vgg", "-o", "b.svg").code == 0
    assert "VGG-11: 132,863,336 parameters" in Path("b.svg").read_text("utf-8")


def test_what_is_refused(trained: Trained) -> None:
    run = str(trained.folder)
    assert_error(call("explain", "blocks", "nin-digit"), "unknown network or run", "'nin-digits'")
    assert_error(call("explain", "blocks", run, "-o", "x.gif"), "-o must end in .svg or .png")
    assert_error(call("explain", "maps", run, "--index", "360"), "--index must be from 0 to 359")
    assert_error(call("explain", "im2col", "--window", "9"), "window must be from 0 to 3; got 9")
    assert_error(call("explain", "blocks", run, "-o", "no/x.svg"), "could not be written")
    assert_error(call("explain", "curves", f"{run}/model.safetensors"), "needs the folder of a run")


@pytest.mark.parametrize("content", ["<svg/>", "my own"])
def test_a_file_of_somebody_else_stays(content: str) -> None:
    Path("x.svg").write_text(content)
    assert_error(call("explain", "blocks", "nin-digits", "-o", "x.svg"), "was not made by minin")
    assert Path("x.svg").read_text() == content
