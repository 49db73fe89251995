"""An exercise's file: taken apart, put together, and refused where it is not as it must be."""

from __future__ import annotations

import ast
from importlib.resources import files

import pytest

from minin.errors import DataError, UnknownNameError
from minin.exercises.source import BEGIN, END, Exercise, find, names, read

TEXT = '''\
# /// exercise
# number = 9
# name = "twice"
# title = "Twice"
# stars = 1
# minutes = 5
# points = 1
# marks = { values = 0.5, shapes = 0.5 }
# goal = "Double."
# needs = []
# hints = ["a", "b", "c"]
# [[mutants]]
# bug = "A6"
# find = "2 * x"
# put = "-2 * x"
# ///

# %%
def twice(x):
    """Double."""
    if x is not None:
        # BEGIN SOLUTION
        y = 2 * x
        # END SOLUTION
    return y
'''


@pytest.fixture(params=names())
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return find(request.param)


def test_the_course_is_numbered_from_one() -> None:
    assert [find(name).number for name in names()] == list(range(1, 7))


def test_only_the_exact_markers_occur() -> None:
    """Other spellings are not seen by one grader or the other."""
    for entry in (files("minin.exercises") / "sources" / "en").iterdir():
        if entry.name.endswith(".py"):
            for line in entry.read_text("utf-8").splitlines():
                if "SOLUTION" in line:
                    assert line.strip() in (BEGIN, END), entry.name


def test_the_starter_gives_nothing_away(exercise: Exercise) -> None:
    starter = exercise.starter()
    assert starter.startswith(f"# minin exercise: {exercise.name}\n")
    for word in ("SOLUTION", "hints", "mutants", "///"):
        assert word not in starter
    for mutant in exercise.mutants:
        assert mutant.find not in starter
    assert starter.count("raise NotImplementedError") == starter.count("# YOUR CODE HERE") >= 1
    ast.parse(starter)


def test_the_solution_is_the_starter_filled_in(exercise: Exercise) -> None:
    solution = set(exercise.solution().splitlines())
    lost = [
        line
        for line in exercise.starter().splitlines()
        if line not in solution
        and line.strip() not in ("# YOUR CODE HERE", "raise NotImplementedError")
    ]
    assert lost == []
    ast.parse(exercise.solution())


def test_a_starter_can_be_read_on_a_narrow_screen(exercise: Exercise) -> None:
    assert max(map(len, exercise.starter().splitlines())) <= 96


def test_the_hints_give_away_more_and_more(exercise: Exercise) -> None:
    assert len(exercise.hints) == 3
    assert len(set(exercise.hints)) == 3
    assert "\n" not in "".join(exercise.hints)


def test_a_block_keeps_its_indentation() -> None:
    made = read(TEXT)
    assert (
        "        # YOUR CODE HERE\n        raise NotImplementedError\n    return y"
        in made.starter()
    )
    assert "        y = 2 * x\n    return y" in made.solution()
    assert "y = -2 * x" in made.wrong(made.mutants[0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# /// exercise\n", "", "must begin with"),
        ("# ///\n\n", "\n", "must begin with|must end|every line"),
        ("# stars = 1\n", "", "missing: stars"),
        ("# stars = 1\n", "# stars = 1\n# colour = 2\n", "too many or missing: colour"),
        ("# stars = 1", '# stars = "one"', "stars must be int"),
        ("# points = 1", "# points = 2", "marks must be numbers that add up to points"),
        ("shapes = 0.5", 'shapes = "half"', "marks must be numbers that add up to points"),
        ('["a", "b", "c"]', '["a", "b", "c", "d"]', "3 hints; got 4"),
        ('["a", "b", "c"]', '["a", "b"', "no TOML"),
        ("# BEGIN SOLUTION", "### BEGIN SOLUTION", "marker must be"),
        ("# END SOLUTION", "# END SOLUTION now", "marker must be"),
        ("        # END SOLUTION\n", "", "'# END SOLUTION' is missing"),
        ("        # BEGIN SOLUTION\n", "", "in the wrong place"),
        ("y = 2 * x\n", "y = 2 * x\n        # BEGIN SOLUTION\n", "in the wrong place"),
        ('find = "2 * x"', 'find = "3 * x"', "must occur once"),
        ('"Double."""\n', '"2 * x"""\n', "must occur once"),
        ('# bug = "A6"\n', "", "keys bug, find and put"),
    ],
)
def test_a_careless_file_is_refused(old: str, new: str, words: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(DataError, match=words):
        read(TEXT.replace(old, new))


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'im2col'"):
        find("im2cow")
