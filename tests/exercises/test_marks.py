"""Marks: what is right earns its part, wherever it is graded."""

from __future__ import annotations

import pytest

from minin.exercises import find, names
from minin.exercises.marks import PROPERTIES
from tests.exercises.answers import solved, verdict

CONV = find("conv_backward").marks
COPY = "inner = {0}\ndef {0}(*given):\n    y = inner(*given)\n"
PARTS = {
    "two of three gradients are right": (
        "conv_backward",
        COPY.format("conv_backward") + "    return y[0], y[1], y[2] / 2",
        {"grad_bias"},
    ),
    "one of three gradients is right": (
        "conv_backward",
        COPY.format("conv_backward") + "    return y[0], -y[1], y[2] / 2",
        {"grad_weight", "grad_bias"},
    ),
    "a gradient has another shape": (
        "conv_backward",
        COPY.format("conv_backward") + "    return y[0], y[1], y[2][:, None]",
        {"grad_bias", "shapes"},
    ),
    "a gradient is missing": (
        "conv_backward",
        COPY.format("conv_backward") + "    return y[:2]",
        {"grad_bias"},
    ),
    "gradients by their names": (
        "conv_backward",
        COPY.format("conv_backward") + "    return {'dx': y[0], 'grad_weight': y[1], 'bias': y[2]}",
        set(),
    ),
    "an input is changed by forward": (
        "global_avg_pool",
        COPY.format("gap_forward") + "    given[0][...] = 0\n    return y",
        {"unchanged"},
    ),
    "an input is changed by backward": (
        "max_pool",
        COPY.format("max_pool_backward") + "    given[0][...] = 0\n    return y",
        {"unchanged"},
    ),
    "backward stops": (
        "max_pool",
        "def max_pool_backward(*_): return 1 / 0",
        {"grad_x", "ties"},
    ),
    "backward is not written": (
        "global_avg_pool",
        "def gap_backward(*_): raise NotImplementedError",
        {"grad_x"},
    ),
    "coverage is wrong": (
        "col2im",
        COPY.format("coverage") + "    return y + 1",
        {"coverage"},
    ),
    "a forward that was given is spoilt": (
        "conv_backward",
        COPY.format("conv_forward") + "    return y[0] + 1, y[1]",
        set(CONV),
    ),
    "nothing but shapes": (
        "global_avg_pool",
        "gap_forward = lambda x: (np.zeros(x.shape[:2]), x.shape)\n"
        "gap_backward = lambda g, shape: np.zeros(shape)",
        set(find("global_avg_pool").marks),
    ),
}


@pytest.mark.parametrize("what", PARTS)
def test_each_part_is_marked_by_itself(what: str) -> None:
    name, change, lost = PARTS[what]
    scheme = find(name).marks
    outcome = verdict(name, solved(name, change))
    assert {m for m, earned in outcome.marks.items() if earned == 0} == lost, outcome.text
    right = sum(worth for m, worth in scheme.items() if m not in lost)
    assert outcome.points() == pytest.approx(right)
    assert outcome.points(10) == pytest.approx(10 * right / find(name).points)
    assert type(outcome.points(10)) is float
    assert outcome.ok == (not lost)


def test_what_was_earned_is_told() -> None:
    name, change, _ = PARTS["two of three gradients are right"]
    text = " ".join(verdict(name, solved(name, change)).text.split())
    assert "marks grad_x 2/2, grad_weight 1.5/1.5, grad_bias 0/0.5" in text
    assert "4.5 of 5 points" in text


@pytest.mark.parametrize("name", names())
def test_a_scheme_adds_up_and_properties_are_the_smaller_part(name: str) -> None:
    exercise = find(name)
    assert sum(exercise.marks.values()) == exercise.points
    assert sum(exercise.marks[m] for m in PROPERTIES) <= exercise.points / 2
