"""The exercises' own check, itself checked: faults that were put in are found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minin.exercises import Exercise, find, names
from minin.exercises.prove import prove, prove_files
from minin.exercises.source import WrongSolution, texts
from minin.exercises.tasks import TASKS
from minin.gradcheck.catalogue import BUGS

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
    harmless = WrongSolution("A3", " / (h * w)", " / (w * h)")
    assert failed(replace(GOOD, mutants=(harmless,))) == [("mutant A3", "passed")]


def test_a_mutant_under_a_wrong_id_is_found() -> None:
    other = replace(GOOD.mutants[0], bug="C1")
    assert failed(replace(GOOD, mutants=(other,))) == [("mutant C1", "A3")]


@pytest.mark.thorough
def test_a_wrong_forward_that_is_right_is_found() -> None:
    harmless = WrongSolution("forward", "x.mean(axis=(2, 3))", "x.mean(axis=(3, 2))")
    assert failed(replace(GOOD, mutants=(harmless,))) == [("mutant forward", "passed")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    # END SOLUTION\n", "", "in the wrong place"),
        ("    # BEGIN SOLUTION\n", "    # BEGIN SOLUTION\n" * 2, "in the wrong place"),
        ("hints = [", 'hints = ["a fourth", ', "there must be 3 hints; got 4"),
        ('name = "global_avg_pool"', 'name = "gap"', "does not say what is asked in 'gap'"),
        ("stars = 1", "stars = ", "no TOML"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_found(old: str, new: str, told: str) -> None:
    text = texts()["global_avg_pool.py"]
    assert old in text
    proofs = list(prove_files({"six.py": text.replace(old, new, 1)}))
    assert [p.holds for p in proofs] == [False]
    assert told in proofs[0].told


def test_the_course_has_a_task_for_each_file_and_a_file_for_each_task() -> None:
    assert names() == list(TASKS)


def test_every_exercise_has_wrong_solutions_enough() -> None:
    for name in names():
        assert sum(m.bug != "forward" for m in find(name).mutants) >= 4
        assert all(m.bug == "forward" or m.bug in BUGS for m in find(name).mutants)


@pytest.mark.thorough
def test_a_mutant_that_crashes_is_found() -> None:
    crash = WrongSolution("A3", " / (h * w)", " / (h * w) / nothing")
    assert failed(replace(GOOD, mutants=(crash,))) == [("mutant A3", "crashed")]
