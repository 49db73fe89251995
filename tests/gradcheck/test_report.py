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
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 78
    assert str(report).isascii()
    assert "obviously" not in str(report).lower()
    assert ("PASSED" in lines[0] + lines[1]) == report.ok
    assert report.verdict in lines[0] + lines[1]
    assert lines[-1].startswith(f"  {report.verdict}")  # a terminal of 24 rows shows the end
    assert ("PASSED" in repr(report)) == report.ok
    assert "\n" not in repr(report)
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
    assert len(str(report).splitlines()) <= 22


def linear(x: Any, w: Any) -> Any:
    return x @ w, (x, w)


RNG = np.random.default_rng(1)
PAIR = (RNG.normal(size=(3, 4)), RNG.normal(size=(4, 5)))


def test_a_wrong_shape_says_both_shapes() -> None:
    report = gradcheck.check_backward(
        linear, lambda g, c: ((g @ c[1].T).T, c[0].T @ g), PAIR, repair=False
    )
    assert "  dx  WRONG  shape (4,3), wanted (3,4)\n" in str(report)
    assert "shape" not in report.text(feedback="verdict")
    assert repr(report) == "<Report linear FAILED 1 of 2 gradients: dx [B1]>"
    assert repr(replace(report, feedback="where")) == "<Report linear FAILED 1 of 2 gradients: dx>"
    first = report.findings[0].case
    assert first[-1] == "right (2,1) [2,20]  yours (1,2) [2,20]"


@pytest.mark.parametrize("shapes", [((3, 4), (4, 5)), ((4, 4), (4, 4))])
def test_gradients_that_came_crosswise_are_named_so(shapes: Any) -> None:
    inputs = [RNG.normal(size=shape) for shape in shapes]

    def backward(g: Any, cache: Any) -> Any:
        x, w = cache
        return x.T @ g, g @ w.T

    report = gradcheck.check_backward(linear, backward, inputs, repair=False)
    assert [f.argument for f in report.findings] == ["x", "w"]
    for finding, other in zip(report.findings, "wx", strict=True):
        assert f"the gradient of {other} came" in finding.what
        assert "order of the inputs: x, w" in finding.fix


def test_a_report_of_many_arguments_keeps_to_its_lines() -> None:
    def forward(*xs: Any) -> Any:
        return sum(np.sin(x).sum() for x in xs), xs

    def backward(g: Any, xs: Any) -> Any:
        return [g * np.cos(x) * (1 + (k == 17)) for k, x in enumerate(xs)]

    report = gradcheck.check_backward(forward, backward, list(RNG.normal(size=(40, 3))))
    lines = str(report).split("\n")
    assert len(lines) <= 22
    assert any("grad of input17  WRONG  3 of 3" in line for line in lines)
    assert any("39 others are ok: input0, input1" in line for line in lines)
    assert lines[-1] == "  FAILED  1 of 40 gradients: grad of input17"


def rectified(x: Any, w: Any) -> Any:
    return np.maximum(x @ w, 0), (x, w)


def rectified_backward(g: Any, cache: Any) -> Any:
    x, w = cache
    g = g * (x @ w > 0)
    return g @ w.T, x.T @ g / len(x)


def test_what_is_proved_stands_before_what_is_guessed() -> None:
    told = str(gradcheck.check_backward(rectified, rectified_backward, PAIR))
    labels = [line[:13].strip() for line in told.split("\n")]
    assert labels.index("repair") < labels.index("what")
    assert "fix" not in labels  # probably this, probably that: the line is known
    guessed = gradcheck.check_backward(rectified, rectified_backward, PAIR, repair=False)
    assert "    fix      probably" in str(guessed)


def test_where_a_sentence_comes_from() -> None:
    report = report_of(CONV)
    origins = report.origins().split("\n")
    assert "rank" in origins[1]
    assert "[C1]" in " ".join(origins)
    assert "probes" in origins[-1]
    assert max(map(len, origins)) <= 78
    right = gradcheck.check_backward(linear, lambda g, c: (g @ c[1].T, c[0].T @ g), PAIR)
    assert right.origins() == ""
    assert repr(right) == "<Report linear PASSED>"
    assert str(right).split("\n")[-1] == "  PASSED"


def test_every_line_beside_a_finding_is_not_ok() -> None:
    """Also if the gradient is wrong only at inputs that were drawn."""

    def backward(g: Any, cache: Any) -> Any:
        x, w = cache
        return g @ w.T, x.T @ g * (1 if len(x) == 3 else 2)

    def draw(rng: np.random.Generator) -> Any:
        n, k, m = rng.integers(1, 6, 3)
        return [rng.normal(size=(n, k)), rng.normal(size=(k, m))]

    report = gradcheck.check_backward(linear, backward, PAIR, sample=draw, repair=False)
    assert {f.argument for f in report.findings} == {"w"}
    assert [line.ok for line in report.lines] == [True, False]


def test_a_repair_stands_once_where_the_first_gradient_is_that_it_makes_right() -> None:
    def backward(g: Any, cache: Any) -> Any:
        x, w = cache
        g = g * (x @ w < 0)
        return g @ w.T, x.T @ g

    report = gradcheck.check_backward(rectified, backward, PAIR)
    rows = [line.split()[0] for line in str(report).split("\n")]
    assert {name for r in report.repair for name in r.arguments} == {"x", "w"}
    assert rows.count("repair") == 1
    assert rows.index("dx") < rows.index("repair") < rows.index("dw")
    assert rows[rows.index("dw") + 1] == "measured"  # the same change makes it right
