"""Which exercise a file answers: what its name, its first line and the request say must agree."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from minin.errors import DataError, UnknownNameError
from minin.exercises import find, names
from minin.exercises.which import exercise_of

PAIRS = list(itertools.permutations(names(), 2))


def written(folder: Path, name: str, head: str | None) -> Path:
    path = folder / name
    path.write_text("x = 1\n" if head is None else f"# minin exercise: {head}\nx = 1\n")
    return path


@pytest.mark.parametrize("name", names())
def test_what_start_writes_says_one_thing(name: str, tmp_path: Path) -> None:
    path = tmp_path / find(name).file_name
    path.write_text(find(name).starter())
    assert exercise_of(path) == exercise_of(path, name) == name


@pytest.mark.parametrize("file", ["{0.file_name}", "{0.name}.py"])
def test_another_first_line_under_an_exercises_name_is_refused(file: str, tmp_path: Path) -> None:
    for name, other in PAIRS:
        path = written(tmp_path, file.format(find(name)), other)
        for wanted in (None, name, other):
            with pytest.raises(DataError, match="they must agree") as caught:
                exercise_of(path, wanted)
            assert f"its name says {name}, its first line says {other}" in str(caught.value)


def test_another_request_than_the_name_is_refused(tmp_path: Path) -> None:
    for (name, other), head in itertools.product(PAIRS, (True, False)):
        path = written(tmp_path, find(name).file_name, name if head else None)
        with pytest.raises(DataError, match=f"its name says {name}.*--exercise says {other}"):
            exercise_of(path, other)


def test_the_remedy_helps(tmp_path: Path) -> None:
    """Doing what an error says ends it."""
    for name, other in PAIRS:
        path = written(tmp_path, find(name).file_name, other)
        with pytest.raises(DataError) as caught:
            exercise_of(path)
        found = re.search(r"make its first line '(.*)', or rename it to (\S+)$", str(caught.value))
        assert found is not None
        renamed = written(tmp_path, found[2], other)
        assert exercise_of(renamed) == other
        path.write_text(f"{found[1]}\n")
        assert exercise_of(path) == name


@pytest.mark.parametrize("head", [None, "im2col", "nothing"])
def test_for_another_name_the_request_decides(head: str | None, tmp_path: Path) -> None:
    path = written(tmp_path, "submission.py", head)
    assert exercise_of(path, "conv_backward") == "conv_backward"


def test_for_another_name_the_first_line_counts(tmp_path: Path) -> None:
    assert exercise_of(written(tmp_path, "submission.py", "col2im")) == "col2im"
    assert exercise_of(written(tmp_path, "anna_col2im (2).py", "col2im")) == "col2im"


@pytest.mark.parametrize(
    "file",
    ["3_conv_backward (1).py", "anna-conv_backward.py", "3-conv-backward.py", "ConvBackward.py"],
)
def test_the_first_line_does_not_count_where_the_name_says_otherwise(
    file: str, tmp_path: Path
) -> None:
    path = written(tmp_path, file, "global_avg_pool")
    with pytest.raises(DataError, match="its name says conv_backward"):
        exercise_of(path)
    assert exercise_of(path, "conv_backward") == "conv_backward"


def test_without_a_first_line_the_name_counts(tmp_path: Path) -> None:
    assert exercise_of(written(tmp_path, "max_pool.py", None)) == "max_pool"


def test_a_byte_order_mark_hides_no_first_line(tmp_path: Path) -> None:
    path = tmp_path / "submission.py"
    path.write_text("\ufeff# minin exercise: col2im\n", encoding="utf-8")
    assert exercise_of(path) == "col2im"


def test_what_is_no_exercise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not clear which exercise"):
        exercise_of(written(tmp_path, "mine.py", None))
    for file in ("mine.py", "1_im2col.py"):
        with pytest.raises(DataError, match="says 'nothing', but there is no"):
            exercise_of(written(tmp_path, file, "nothing"))
    for missing in (tmp_path / "no.py", tmp_path):
        for wanted in (None, "im2col"):
            with pytest.raises(DataError, match="cannot be read"):
                exercise_of(missing, wanted)
    with pytest.raises(UnknownNameError, match="im2col"):
        exercise_of(written(tmp_path, "mine.py", None), "im2cool")
