"""The report: short, narrow, plain, and as discreet as its dial says."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minin import gradcheck
from minin.gradcheck.report.wrong_map import picture
from minin.plots.drawing import PALETTES
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tests.choice import mostly_thorough
from tests.plots.test_drawing import SVG, parsed


def label(mutant: Mutant) -> str:
    return f"{mutant.bug.id}-{mutant.op}-{mutant.variant}".rstrip("-").replace(" ", "-")


@functools.cache
def report_of(mutant: Mutant, **how: Any) -> gradcheck.Report:
    inputs, params = mutant.draw(np.random.default_rng(11))
    return gradcheck.check_backward(*mutant.make(), inputs, mutant.op, params, **how)


ONE_EACH = list({m.bug.id: m for m in MUTANTS}.values())


FAMILIES = {mutant.bug.id[0]: mutant for mutant in ONE_EACH}.values()  # A to H: the last of each


@pytest.mark.parametrize("mutant", mostly_thorough(ONE_EACH, lambda m: m in FAMILIES), ids=label)
def test_every_report_is_short_narrow_and_plain(mutant: Mutant) -> None:
    report = report_of(mutant)
    lines = str(report).split("\n")
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 78
    assert str(report).isascii()
    assert "obviously" not in str(report).lower()
    assert ("PASSED" in lines[0] + lines[1]) == report.ok
    json.dumps(report.to_dict())


CONV = next(m for m in MUTANTS if (m.bug.id, m.op) == ("C1", "im2col"))


def test_feedback_gives_away_more_and_more() -> None:
    report = report_of(CONV)
    told = [report.text(feedback=level) for level in ("verdict", "where", "what", "fix")]
    assert "FAILED" in told[0]
    assert "[C1]" not in told[0] + told[1]
    assert "where" not in told[0]
    assert "[C1]" in told[2]
    assert "  fix  " not in told[2]
    assert "  fix  " in told[3]
    assert "+=" not in told[0] + told[1]
    lengths = [len(text.split("\n")) for text in told]
    assert lengths == sorted(lengths)


def test_the_dial_is_the_reports_own() -> None:
    assert str(report_of(CONV, feedback="verdict")) == report_of(CONV).text(feedback="verdict")


def test_colour_is_for_terminals() -> None:
    report = report_of(CONV)
    assert "\x1b[" in report.text(colour=True)
    assert "\x1b[" not in report.text(colour=None)  # captured, so no terminal
    assert "\x1b[" not in str(report)


def test_the_notebook_form_has_a_map_and_hides_what_the_dial_hides() -> None:
    report = report_of(CONV)
    page = report._repr_html_()
    assert "<table" in page
    assert "rgba(" in page
    assert "font-family:Menlo" in page
    assert "<script" not in page
    assert "<table" not in report_of(CONV, feedback="verdict")._repr_html_()


def report_with_kinks() -> gradcheck.Report:
    def backward(grad_y: Any, x: Any) -> Any:
        grad_x = grad_y * (x > 0)
        grad_x[1, 1, 2] += 0.5
        return grad_x

    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    x[1, 0, 0] = x[1, 2, 3] = 0.0
    return gradcheck.check_backward(lambda x: (np.maximum(x, 0), x), backward, [x])


@pytest.mark.parametrize("feedback", ["where", "fix"])
def test_what_nobody_judged_is_hatched_in_a_notebook(feedback: str) -> None:
    page = replace(report_with_kinks(), feedback=feedback)._repr_html_()
    cells = re.findall(r'<td title="([^"]*)" style="([^"]*)"', page)
    assert len(cells) == 12
    assert [title for title, _ in cells].count("not judged") == 2
    for title, style in cells:
        assert ("gradient(" in style) == (title == "not judged")
    caption = re.findall(r"<div [^>]*>(x: [^<]*)</div>", page)
    assert len(caption) == 1
    assert "at [1, ...]; hatched: not judged" in caption[0]
    assert len(caption[0]) < 110
    assert page.count("white-space:pre") == 2


def test_the_picture_says_what_the_report_says_where_a_terminal_has_it() -> None:
    report = report_with_kinks()
    rows = str(report).splitlines()
    drawn = [[" "] * 90 for _ in rows]
    for element in parsed(report.picture()).findall(f"{SVG}text"):
        row = round((float(element.attrib["y"]) - 29) / 18)
        column = round((float(element.attrib["x"]) - 16) / (0.602 * 12))
        for k, letter in enumerate(element.text or ""):
            drawn[row][column + k] = letter
    assert ["".join(line).rstrip() for line in drawn] == rows
    inks = {e.text: e.attrib["fill"] for e in parsed(report.picture()).findall(f"{SVG}text")}
    assert inks["FAILED"] == inks["WRONG"] == PALETTES[0]["red"]
    assert inks["    what"] == PALETTES[0]["blue"]


def test_right_code_makes_a_short_report() -> None:
    report = gradcheck.check_backward(lambda x: (x * 2, None), lambda g, _: 2 * g, [np.ones(9)])
    assert report
    assert len(str(report).split("\n")) <= 5


def test_a_map_shows_where() -> None:
    mask = np.zeros((2, 3, 30, 40), dtype=bool)
    mask[1, 2, 20, 35] = True
    drawn = picture(mask)
    assert len(drawn) == 6
    assert sum("#" in line.split("=")[0].replace("# ", "#", 1)[:70] for line in drawn) >= 1
    assert any("sample 1, channel 2" in line for line in drawn)


@pytest.mark.parametrize(
    ("bug", "op"), [(m.bug.id, m.op) for m in MUTANTS if m.convention], ids=str
)
def test_a_convention_is_a_note(bug: str, op: str) -> None:
    mutant = next(m for m in MUTANTS if (m.bug.id, m.op, m.convention) == (bug, op, True))
    for seed in range(3):
        inputs, params = mutant.draw(np.random.default_rng(seed))
        report = gradcheck.check_backward(*mutant.make(), inputs, op, params)
        assert report.ok, str(report)


def test_every_finding_of_one_argument_is_told() -> None:
    """A state that is kept and a wrong number are two things, and both are in the text."""
    kept = np.zeros((3, 4))

    def forward(x: Any) -> Any:
        return 3.0 * x, None

    def backward(grad: Any, _: Any) -> Any:
        kept[...] += grad
        return 2.0 * kept

    report = gradcheck.check_backward(forward, backward, [np.arange(1.0, 13.0).reshape(3, 4)])
    ids = {f.bug for f in report.findings if f.bug}
    assert "A9" in ids
    for bug in ids:
        assert f"[{bug}]" in str(report)
    assert len(str(report).splitlines()) <= 25
