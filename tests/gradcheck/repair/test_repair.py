"""The repair: the line of a mistake is proved by a change that makes the gradient right."""
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from minin import gradcheck

SEARCH = sys.modules["minin.gradcheck.repair.search"]  # a function of this name hides it


def line_of(function, text):
    """The line of a function of this file that has a text in it."""
    first = function.__code__.co_firstlineno
    rows = Path(__file__).read_text("utf-8").split("\n")[first - 1 :]
    return first + next(n for n, row in enumerate(rows) if text in row)


def affine(x, w, b):
    return x @ w + b, (x, w)


def affine_bias_mean(dy, cache):
    x, w = cache
    dw = x.T @ dy
    db = dy.mean(axis=0)
    return dy @ w.T, dw, db


def affine_two_slips(dy, cache):
    x, w = cache
    dx = dy @ w  # w is square here
    db = dy.sum(axis=1)
    return dx, x.T @ dy, db


def checked(forward, backward, *shapes, **settings):
    inputs = [np.random.default_rng(i).standard_normal(s) for i, s in enumerate(shapes)]
    return gradcheck.check_backward(forward, backward, inputs, **settings)


def test_the_line_is_found_and_the_edit_is_proved():
    report = checked(affine, affine_bias_mean, (5, 4), (4, 3), (3,))
    (repair,) = report.repair
    assert repair.line == line_of(affine_bias_mean, "db = dy.mean")
    assert (repair.old, repair.new) == ("db = dy.mean(axis=0)", "db = dy.sum(axis=0)")
    assert (repair.arguments, repair.family) == (("b",), "reduce")
    assert not repair.sizes_only
    assert len(repair.proved_on) >= 4


def test_two_mistakes_in_two_gradients_are_two_repairs():
    report = checked(affine, affine_two_slips, (4, 4), (4, 4), (4,))
    lines = {line for text in ("dx = dy @ w", "db = dy.sum") for line in [text]}
    assert {r.line for r in report.repair} == {line_of(affine_two_slips, t) for t in lines}


def test_how_much_is_said_grows_with_the_level():
    report = checked(affine, affine_bias_mean, (5, 4), (4, 3), (3,))
    place = f"test_repair.py:{report.repair[0].line}"
    said = {level: report.text(feedback=level) for level in ("verdict", "where", "what", "fix")}
    assert "repair" not in said["verdict"]
    assert place in said["where"]
    assert "summed" not in said["where"]
    assert "summed or averaged" in said["what"]
    assert "dy.sum" not in said["what"]
    assert "- db = dy.mean(axis=0)" in said["fix"]
    assert "+ db = dy.sum(axis=0)" in said["fix"]
    assert report.to_dict()["repair"][0]["line"] == report.repair[0].line
    assert all(len(row) <= 78 for row in said["fix"].split("\n"))


def test_it_can_be_switched_off_and_right_code_is_not_searched():
    assert checked(affine, affine_bias_mean, (5, 4), (4, 3), (3,), repair=False).repair == ()
    right = checked(lambda x: (x * x, x), lambda dy, x: 2 * x * dy, (3, 4))
    assert right.ok
    assert right.repair == ()
    assert not right.no_repair


def test_without_source_the_report_says_so():
    space = {}
    exec("def forward(x):\n    return x**2, x\ndef backward(dy, x):\n    return dy * x\n", space)
    report = checked(space["forward"], space["backward"], (3, 4))
    assert report.repair == ()
    assert "no repair was searched" in str(report)


@pytest.mark.parametrize("forked", [True, False])
def test_the_functions_are_left_as_they_were(monkeypatch, forked):
    monkeypatch.setattr(SEARCH, "can_fork", lambda: forked)
    before = affine_bias_mean.__code__, affine.__code__
    report = checked(affine, affine_bias_mean, (5, 4), (4, 3), (3,))
    assert report.repair[0].new == "db = dy.sum(axis=0)"
    assert (affine_bias_mean.__code__, affine.__code__) == before
    assert not [name for name in globals() if name.startswith("minin_")]
