"""The exercises' own check, itself checked: faults that were put in are found."""

from __future__ import annotations

from dataclasses import replace

from minin.exercises import Exercise, find
from minin.exercises.prove import prove
from minin.exercises.source import Mutant

GOOD = find("global_avg_pool")


def failed(exercise: Exercise) -> list[tuple[str, str]]:
    return [(p.what, p.came) for p in prove([exercise]) if not p.holds]


def test_a_starter_that_passes_is_found() -> None:
    body = GOOD.body.replace("# BEGIN SOLUTION", "").replace("# END SOLUTION", "")
    assert ("starter", "passed") in failed(replace(GOOD, body=body, mutants=()))


def test_a_solution_that_is_wrong_is_found() -> None:
    body = GOOD.body.replace(" / (h * w)", "")
    assert failed(replace(GOOD, body=body, mutants=())) == [("solution", "wrong")]


def test_a_mutant_that_is_right_is_found() -> None:
    harmless = Mutant("A3", " / (h * w)", " / (w * h)")
    assert failed(replace(GOOD, mutants=(harmless,))) == [("mutant A3", "passed")]


def test_a_mutant_under_a_wrong_id_is_found() -> None:
    other = replace(GOOD.mutants[0], bug="C1")
    assert failed(replace(GOOD, mutants=(other,))) == [("mutant C1", "A3")]


def test_a_mutant_that_crashes_is_found() -> None:
    crash = Mutant("A3", " / (h * w)", " / (h * w) / nothing")
    assert failed(replace(GOOD, mutants=(crash,))) == [("mutant A3", "crashed")]
