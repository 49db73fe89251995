"""Real runs, a few seconds each: sick ones are named, healthy ones left in peace.

All of them are in docs/doctor.md, made by tools/doctor_table.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from minin.doctor import NAMES
from tools.doctor_runs import HEALTHY, SICK, Run
from tools.doctor_table import PUBLISHED, PUBLISHED_BUILD, RECIPE, asked, judged

BY_NAME = {run.name: run for run in (*SICK, *HEALTHY)}


def test_every_run_has_its_own_name_and_every_illness_a_run() -> None:
    assert len(BY_NAME) == len(SICK) + len(HEALTHY)
    assert {run.expected for run in SICK} == set(NAMES)
    assert not any(run.expected for run in HEALTHY)
    assert len(SICK) >= 12
    assert 2 * len(HEALTHY) >= 40


@pytest.mark.parametrize(
    "name", ["middle layer dead", "softmax twice", "labels in another order", "not a number"]
)
def test_a_sick_run_is_named(name: str) -> None:
    row = judged(_short(BY_NAME[name]), seed=5)
    assert row.said == (BY_NAME[name].expected,), row


@pytest.mark.parametrize("name", ["untrained, final ReLU", "one epoch", "dropout of one half"])
def test_a_healthy_run_is_left_in_peace(name: str) -> None:
    row = judged(_short(BY_NAME[name]), seed=5)
    assert row.said == (), row


def test_the_published_settings_lose_classes_and_the_recipe_does_not() -> None:
    crippled = asked(0, PUBLISHED.changed(epochs=2), PUBLISHED_BUILD, count=300)
    assert crippled.dead
    assert crippled.right
    sound = asked(0, RECIPE.changed(epochs=2), {}, count=300)
    assert not sound.dead
    assert sound.said == ()


def _short(run: Run) -> Run:
    settings = replace(run.settings, epochs=min(run.settings.epochs, 3))
    return replace(run, count=300, settings=settings)
