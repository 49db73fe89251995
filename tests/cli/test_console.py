"""Labels, widths and figures."""

from __future__ import annotations

import pytest

from minin.cli import console


@pytest.mark.parametrize(("columns", "width"), [("10", 24), ("40", 40), ("78", 78), ("200", 78)])
def test_the_width_has_limits(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console.width() == width


def test_text_wraps_under_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    console.say("label", "some words and a/path/that/is/never/cut")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["label     some words and", " " * 10 + "a/path/that/is/never/cut"]


def test_no_text_leaves_the_label(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("label", "")
    assert capsys.readouterr().out == "label\n"
