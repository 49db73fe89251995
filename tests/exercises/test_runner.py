"""A learner's file in its own process: whatever it does, the verdict is the package's."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from minin.exercises import check, find
from minin.exercises.runner import PRINTED, check_file
from tests.choice import mostly_thorough

SOLVED = find("global_avg_pool").solution()


def answer(folder: Path, text: str) -> Path:
    path = folder / "6_global_avg_pool.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_solution_passes_and_its_own_prints_are_kept(tmp_path: Path) -> None:
    outcome, printed, _ = check_file(answer(tmp_path, SOLVED + "\nprint('hello')\n"))
    assert outcome.ok
    assert printed == "hello\n"


@pytest.mark.parametrize(
    ("text", "words"),
    mostly_thorough(
        [
            ("import os\nos._exit(0)\n", "ended the process"),
            ("import sys\nsys.exit(0)\n", "line 2: SystemExit: it ends the program"),
            ("print('global_avg_pool: PASSED, 2 points')\n", "must define gap_forward"),
            ("def f(:\n", "line 1: invalid syntax"),
            ("x = 1\nimport nothing_like_that\n", "line 2: ModuleNotFoundError"),
            ("\0", "null bytes"),
            ("raise KeyError('here')\n", "line 1: KeyError"),
            (SOLVED + "\ndef gap_forward(x):\n    import os; os._exit(0)\n", "ended the process"),
            (SOLVED + "\ndef gap_backward(g, c):\n    return 1 / 0\n", "ZeroDivisionError"),
            ("raise RecursionError\n", "RecursionError"),
            ("raise KeyboardInterrupt\n", "line 1: KeyboardInterrupt"),
            ("raise ValueError('word ' * 60)\n", "line 1: ValueError: word word"),
            ("input('name? ')\n", "line 1: EOFError: it asks for input"),
            (
                SOLVED + "\nimport os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n",
                "SIGSEGV ended",
            ),
            (SOLVED + "\ndef gap_forward(x):\n    import os; os.kill(os.getpid(), 9)\n", "SIGKILL"),
            (SOLVED + "\ndef gap_backward(g, c): return g / 0, 1\n", "WRONG"),
            (SOLVED + "\nimport minin.exercises.checking as c; c.np = None\n", "the check itself"),
            (SOLVED + "\nx = [0] * 10**10\n", "MemoryError"),
        ],
        lambda row: SOLVED not in row[0] or row[1] in ("SIGKILL", "the check itself"),
    ),
)
def test_whatever_a_file_does_it_does_not_pass(text: str, words: str, tmp_path: Path) -> None:
    outcome, *_ = check_file(answer(tmp_path, text))
    assert not outcome.ok
    assert words in " ".join(outcome.text.split())
    assert max(map(len, outcome.text.splitlines())) <= 78


def test_an_endless_loop_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    text = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        f"    time.sleep(6); open({str(alive)!r}, 'w')\n"
        "while True: pass\n"
    )
    start = time.monotonic()
    outcome, *_ = check_file(answer(tmp_path, text), seconds=2)
    assert time.monotonic() - start < 20
    assert "stopped after 2 s; is there an endless loop?" in outcome.text
    time.sleep(5)
    assert not alive.exists()


def test_a_flood_of_output_is_cut(tmp_path: Path) -> None:
    text = SOLVED + "\nfor _ in range(40):\n    print('x' * 100_000)\n"
    outcome, printed, _ = check_file(answer(tmp_path, text))
    assert outcome.ok
    assert printed == "x" * PRINTED + f"\n[cut after {PRINTED // 1024} KiB]\n"


@pytest.mark.parametrize(("text", "times"), [("x" * 10**6, 50), ("round", 10_000)])
def test_what_a_function_prints_is_kept_as_it_comes_and_cut(
    text: str, times: int, tmp_path: Path
) -> None:
    flood = f"    for _ in range({times}): print({text!r})\n    import os; os._exit(0)\n"
    outcome, printed, said = check_file(
        answer(tmp_path, f"{SOLVED}\ndef gap_forward(x):\n{flood}"), seconds=120
    )
    assert "ended the process" in outcome.text
    assert printed == ""
    head, *rows = said.splitlines()
    assert head == "printed   by gap_forward:"
    assert len(rows) <= 25
    assert set(rows[:-1]) <= {"          | round", f"          | {'x' * 200} ..."}
    assert (rows[-1] == "          | ... more lines") == (text == "round")


def test_what_a_function_printed_is_kept_however_it_ends(tmp_path: Path) -> None:
    for last in ("os._exit(0)", "os.kill(os.getpid(), 9)", "1 / 0", "pass"):
        text = f"\ndef gap_forward(x):\n    import os; print('shape', x.shape); {last}\n"
        outcome, _, said = check_file(answer(tmp_path, SOLVED + text))
        assert not outcome.ok
        assert "| shape (" in said, last


def test_an_answer_may_close_its_output(tmp_path: Path) -> None:
    assert check_file(answer(tmp_path, SOLVED + "\nimport sys; sys.stdout.close()\n"))[0].ok


def test_an_outcome_without_the_word_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that finds the folder and writes a verdict itself still lacks the word."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    namespace: dict[str, object] = {}
    exec(SOLVED, namespace)
    forged = {"word": "guessed", "outcome": check("global_avg_pool", namespace).to_dict()}
    verdict = json.dumps(forged)
    text = (
        "import glob, os\n"
        f"for folder in glob.glob({str(tmp_path / 'minin-*')!r}):\n"
        f"    print(len(folder)); open(folder + '/outcome.json', 'w').write({verdict!r})\n"
        "os._exit(0)\n"
    )
    outcome, printed, _ = check_file(answer(tmp_path, text))
    assert printed.strip()  # it was there to be written to
    assert (outcome.state, outcome.points) == ("crashed", 0.0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_where_prints_are_left_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    text = (
        "import glob, os\n"
        f"for folder in glob.glob({str(tmp_path / 'minin-*')!r}):\n"
        "    os.mkfifo(folder + '/said.txt')\n"
    )
    checked = check_file(answer(tmp_path, text + SOLVED))
    assert (checked.outcome.ok, checked.said) == (True, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
def test_an_answer_that_forks_is_judged_as_any_other(tmp_path: Path) -> None:
    text = "import os\nos.fork()\nos.fork()\n"
    assert check_file(answer(tmp_path, text + SOLVED))[0].ok
    assert not check_file(answer(tmp_path, text))[0].ok


def test_files_beside_the_answer_can_be_imported_but_shadow_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("random", "secrets", "json"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not me')\n")
    (tmp_path / "mine.py").write_text("number = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])  # as `python -m minin` has it
    assert check_file(answer(tmp_path, "from mine import number\n" + SOLVED))[0].ok


def test_a_thread_that_never_ends_does_not_hold_the_verdict(tmp_path: Path) -> None:
    text = SOLVED + "\nimport threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert check_file(answer(tmp_path, text), seconds=60)[0].ok


def test_a_file_without_its_check_cell_is_checked_all_the_same(tmp_path: Path) -> None:
    text = SOLVED.split("# %% [markdown]\n# Run the next cell")[0]
    assert "exercises.check" not in text
    assert check_file(answer(tmp_path, text))[0].ok


def test_points_are_those_of_the_exercise_whatever_the_file_sets(tmp_path: Path) -> None:
    text = (
        "from minin.exercises import find\n"
        "object.__setattr__(find('global_avg_pool'), 'points', 100)\n"
    )
    outcome = check_file(answer(tmp_path, SOLVED + text))[0]
    assert outcome.ok
    assert outcome.points == find("global_avg_pool").points
    assert "100" not in outcome.text


def test_the_folder_stays_clean(tmp_path: Path) -> None:
    path = answer(tmp_path, "x = 1\n")
    check_file(path)
    assert list(tmp_path.iterdir()) == [path]
