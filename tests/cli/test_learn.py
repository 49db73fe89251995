"""`minin learn`, as a learner and a teacher use it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minin.exercises import find, names
from minin.exercises.source import texts
from tests.choice import mostly_thorough
from tests.cli.conftest import assert_error, call
from tests.documents import blocks

ROOT = Path(__file__).parents[2]
# The process that a learner starts finds this minin from wherever it stands.
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def run_as_a_learner(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minin", "learn", *words]
    return subprocess.run(command, capture_output=True, text=True, env=HERE, check=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    assert call("learn", "start", "course").code == 0
    return tmp_path / "course"


def test_the_list_names_every_exercise() -> None:
    done = call("learn", "list")
    assert (done.code, done.err) == (0, "")
    text = " ".join(done.out.split())
    for name in names():
        assert find(name).title in text
        assert f"({name};" in text
    assert max(map(len, done.out.splitlines())) <= 78


def test_start_writes_the_starters_and_keeps_answers(course: Path) -> None:
    assert sorted(p.name for p in course.iterdir()) == [find(n).file_name for n in names()]
    mine = course / "1_im2col.py"
    mine.write_text("mine")
    (course / "2_col2im.py").unlink()
    done = call("learn", "start", "course")
    assert (done.code, done.err) == (0, "")
    assert "1 of 6 exercises" in done.out
    assert mine.read_text() == "mine"
    assert (course / "2_col2im.py").read_text() == find("col2im").starter()
    assert call("learn", "start", "course", "--force").code == 0
    assert mine.read_text() == find("im2col").starter()


def test_a_learner_goes_from_unsolved_over_wrong_to_right(course: Path) -> None:
    file, exercise = course / "6_global_avg_pool.py", find("global_avg_pool")
    done = call("learn", "check", str(file))
    assert (done.code, done.err) == (1, "")
    assert "not solved yet" in done.out
    assert "minin learn hint" in done.out
    file.write_text(exercise.wrong(exercise.mutants[0]))
    done = call("learn", "check", str(file))
    assert (done.code, done.err) == (1, "")
    assert "[A3]" in done.out
    file.write_text(exercise.solution())
    done = call("learn", "check", str(file))
    assert (done.code, done.err) == (0, "")
    assert "PASSED" in done.out
    assert "that was the last one" in " ".join(done.out.split())


def test_after_an_exercise_the_next_is_named(course: Path) -> None:
    file = course / "1_im2col.py"
    file.write_text(find("im2col").solution())
    assert "2_col2im.py" in call("learn", "check", str(file)).out


def test_a_grader_reads_json_and_gives_little_away(course: Path) -> None:
    file, exercise = course / "6_global_avg_pool.py", find("global_avg_pool")
    file.write_text("print('hi')\n" + exercise.wrong(exercise.mutants[0]))
    done = call("learn", "check", str(file), "--json", "--feedback", "where")
    assert (done.code, done.err) == (1, "")
    found = json.loads(done.out)
    assert (found["ok"], found["state"], found["bug"]) == (False, "wrong", None)
    assert (found["points"], found["printed"]) == (1.0, "hi\n")
    assert found["marks"] == {"values": 0.5, "grad_x": 0.0, "shapes": 0.25, "unchanged": 0.25}
    assert "A3" not in found["text"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_hints(number: int, course: Path) -> None:
    done = call("learn", "hint", str(course / "2_col2im.py"), "--number", str(number))
    assert (done.code, done.err) == (0, "")
    assert " ".join(find("col2im").hints[number - 1].split()) in " ".join(done.out.split())
    assert ("more" in done.out) == (number < 3)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["check", "nothing.py"], ["'nothing.py' cannot be read"]),
        (["check", "course/1_im2col.py", "--seconds", "0"], ["--seconds must be above 0"]),
        (["check", "course/1_im2col.py", "--seconds", "nan"], ["--seconds must be above 0"]),
        (["check", "course/1_im2col.py", "--seed", "-1"], ["--seed must be 0 or more; got -1"]),
        (["check", "course/1_im2col.py", "--feedback", "all"], ["invalid choice: 'all'"]),
        (["hint", "course/1_im2col.py", "--number", "4"], ["--number must be 1 to 3; got 4"]),
        (["start", "course/1_im2col.py"], ["cannot be a folder"]),
        (["solve"], ["invalid choice: 'solve'"]),
        ([], ["action"]),
    ],
)
def test_wrong_arguments(words: list[str], parts: list[str], course: Path) -> None:
    assert course.is_dir()
    assert_error(call("learn", *words), *parts)


@pytest.mark.parametrize("chosen", mostly_thorough([names()[-1:], names()], lambda c: len(c) == 1))
def test_dev_check_proves_a_course(chosen: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from minin.cli import learn

    found = {f"{name}.py": texts()[f"{name}.py"] for name in chosen}
    monkeypatch.setattr(learn, "texts", lambda: found)
    done = call("learn", "dev-check")
    assert (done.code, done.err) == (0, "")
    assert "WRONG" not in done.out
    tried = sum(2 + len(find(name).mutants) for name in chosen)
    assert f"{tried} of {tried} gave the expected result" in done.out


def test_dev_check_fails_where_something_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from minin.cli import learn
    from minin.exercises.prove import Attempt

    wrong = Attempt("im2col", "mutant B4", "B4", "passed", "it passed")
    monkeypatch.setattr(learn, "prove_files", lambda _: iter([wrong]))
    done = call("learn", "dev-check")
    assert (done.code, done.err) == (1, "")
    assert "WRONG: expected B4" in done.out
    assert "it passed" in done.out


def test_dev_check_tells_of_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from minin.cli import learn

    faulty = texts()["im2col.py"].replace("    # END SOLUTION\n", "")
    monkeypatch.setattr(learn, "texts", lambda: {"im2col.py": faulty})
    done = call("learn", "dev-check")
    assert (done.code, done.err) == (1, "")
    assert "malformed" in done.out
    assert "'# END SOLUTION' is missing" in done.out
    assert "0 of 1 gave" in done.out


def test_a_print_is_no_verdict_and_cannot_paint_over_it(course: Path) -> None:
    file = course / "6_global_avg_pool.py"
    file.write_text("print('\\x1b[2Jglobal_avg_pool: PASSED')\nimport sys; sys.exit(0)\n")
    done = run_as_a_learner("check", str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert "which is no verdict" in done.stdout
    assert "\\x1b[2Jglobal_avg_pool: PASSED" in done.stdout
    assert "\x1b" not in done.stdout
    assert "line 2: SystemExit" in done.stdout


def test_another_seed_draws_other_numbers(course: Path) -> None:
    file, exercise = course / "4_conv1x1.py", find("conv1x1")
    file.write_text(exercise.wrong(exercise.mutants[-1]))
    told = {seed: call("learn", "check", str(file), "--seed", seed).out for seed in ("0", "1")}
    assert "NOT YET" in told["0"]
    assert told["0"] != told["1"]
    assert call("learn", "check", str(file), "--seed", "0").out == told["0"]


@pytest.mark.parametrize("name", mostly_thorough(names(), lambda n: n == "global_avg_pool"))
def test_running_the_file_itself_tells_the_learner_too(name: str, course: Path) -> None:
    file = course / find(name).file_name
    for text, words in ((None, "not solved yet"), (find(name).solution(), "PASSED")):
        if text is not None:
            file.write_text(text)
        command = [sys.executable, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, env=HERE, check=True)
        assert done.stderr == ""
        assert f"{name}: {words}" in done.stdout


def test_the_page_shows_what_is_printed(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = (ROOT / "docs" / "exercises.md").read_text("utf-8")
    commands, shown = (block.text for block in blocks(section))
    monkeypatch.chdir(course.parent)
    for line in commands.splitlines():
        assert call(*line.split()[1:]).code == 0, line
    file, exercise = course / "2_col2im.py", find("col2im")
    file.write_text(exercise.wrong(exercise.mutants[0]))
    assert call("learn", "check", "course/2_col2im.py", "--seed", "0").out == shown
    assert f"{sum(len(find(n).mutants) for n in names())} wrong solutions" in section


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_ctrl_c_ends_with_130_and_leaves_nobody(course: Path) -> None:
    file = course / "6_global_avg_pool.py"
    file.write_text("while True: pass\n")
    command = [sys.executable, "-m", "minin", "learn", "check", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.startswith("minin: stopped by Ctrl-C")


def test_an_easy_answer_under_a_hard_name_earns_nothing(course: Path) -> None:
    file, words = course / "3_conv_backward.py", ("learn", "check")
    file.write_text(find("global_avg_pool").solution())
    for more in ([], ["--exercise", "conv_backward"], ["--exercise", "im2col"]):
        assert_error(call(*words, str(file), *more), "its name says conv_backward", "must agree")
    assert_error(call("learn", "hint", str(file)), "its first line says global_avg_pool")


def test_a_grader_says_which_exercise_a_renamed_file_answers(course: Path) -> None:
    file = course / "submission.py"
    file.write_text(find("global_avg_pool").solution())
    words = ("learn", "check", str(file), "--json", "--exercise")
    for name, code in (("global_avg_pool", 0), ("conv_backward", 1)):
        done = call(*words, name)
        found = json.loads(done.out)
        assert (done.code, found["exercise"]) == (code, name)
        assert found["points"] == (0 if code else find(name).points)
    assert_error(call(*words[:3], "--exercise", "gap"), "exercise", "'gap'")
    done = call("learn", "check", str(file), "--exercise", "conv_backward")
    assert "submission.py --exercise conv_backward" in " ".join(done.out.split())


def test_a_learner_sees_what_backward_prints(course: Path) -> None:
    file, solved = course / "6_global_avg_pool.py", find("global_avg_pool").solution()
    noisy = (
        "\ninner = gap_backward\n"
        "def gap_backward(grad_y, cache):\n"
        "    print('shape', grad_y.shape, '\\x1b[2J')\n"
        "    return inner(grad_y, cache)\n"
    )
    top = "for k in range(40):\n    print('row', k)\n"
    file.write_text(f"{solved}\n{top}{noisy}")
    done = run_as_a_learner("check", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    rows = done.stdout.splitlines()
    assert rows[0] == "printed   by the file itself, which is no verdict:"
    assert rows[24:26] == ["          | row 23", "          | ... 16 more lines"]
    assert rows[26].startswith("printed   by gap_backward, in the first of ")
    assert rows[27].startswith("          | shape (")
    assert rows[27].endswith(r") \x1b[2J")
    assert rows[28].startswith("global_avg_pool: PASSED")
    found = json.loads(run_as_a_learner("check", str(file), "--json").stdout)
    assert found["printed"].endswith("\n".join(["row 39", *rows[26:28]]))


@pytest.mark.parametrize(
    ("text", "words", "state", "code"),
    [
        (find("global_avg_pool").solution(), [], "passed", 0),
        (find("global_avg_pool").starter(), [], "unsolved", 1),
        ("gap_forward = gap_backward = lambda *_: (float('nan'), None)\n", [], "wrong", 1),
        ("print('\\ud800', chr(27))\nimport os\nos._exit(0)\n", [], "crashed", 1),
        ("", ["--exercise", "im2col"], "refused", 2),
        ("", ["--exercise", "gap"], "refused", 2),
    ],
)
def test_json_is_valid_for_every_outcome(
    text: str, words: list[str], state: str, code: int, course: Path
) -> None:
    file = course / "6_global_avg_pool.py"
    file.write_text(text)
    done = call("learn", "check", str(file), "--json", *words)
    assert (done.code, done.err) == (code, "")
    found = json.loads(done.out, parse_constant=lambda name: pytest.fail(name))
    assert (found["state"], found["ok"]) == (state, code == 0)
    assert isinstance(found["points"], float)
    done.out.encode()


def test_a_class_is_a_folder(course: Path) -> None:
    shutil.rmtree(course)
    for name, text in (("anna", find("global_avg_pool").solution()), ("ben", "x = 1\n")):
        (course / name).mkdir(parents=True)
        (course / name / "6_global_avg_pool.py").write_text(text)
    (course / "ben" / "notes.py").write_text("y = 2\n")
    done = call("learn", "check", str(course), "--seed", "3")
    assert (done.code, done.err) == (2, "")
    rows = done.out.splitlines()
    assert rows[0] == "anna/6_global_avg_pool.py: global_avg_pool passed, 2 of 2 points"
    assert rows[1] == "ben/6_global_avg_pool.py: global_avg_pool crashed, 0 of 2 points"
    assert rows[2].startswith("ben/notes.py: refused: it is not clear which exercise")
    assert rows[3:] == ["result    1 of 3 passed"]
    found = json.loads(call("learn", "check", str(course), "--seed", "3", "--json").out)
    assert [row["points"] for row in found] == [2.0, 0.0, 0.0]
    shutil.rmtree(course / "anna")
    shutil.rmtree(course / "ben")
    assert_error(call("learn", "check", str(course)), "holds no file whose name ends in .py")
