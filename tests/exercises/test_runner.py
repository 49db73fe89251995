"""A learner's file in its own process: whatever it does, the verdict is the package's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from minin.errors import DataError
from minin.exercises import find
from minin.exercises.child import PRINTED
from minin.exercises.runner import check_file, check_folder
from minin.exercises.which import LARGEST
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
            (SOLVED + "\nimport minin\n", "No module named 'minin'"),
            (SOLVED + "\nx = [0] * 10**10\n", "MemoryError"),
        ],
        lambda row: SOLVED not in row[0] or row[1] == "SIGKILL",
    ),
)
def test_whatever_a_file_does_it_does_not_pass(text: str, words: str, tmp_path: Path) -> None:
    outcome, *_ = check_file(answer(tmp_path, text))
    assert not outcome.ok
    assert words in " ".join(outcome.text.split())
    assert max(map(len, outcome.text.splitlines())) <= 78


def test_an_endless_loop_is_stopped(tmp_path: Path) -> None:
    start = time.monotonic()
    outcome, *_ = check_file(answer(tmp_path, "while True: pass\n"), seconds=1)
    assert time.monotonic() - start < 30
    assert "stopped after 1 s of work; is there an endless loop?" in outcome.text


@pytest.mark.thorough
def test_time_is_that_of_the_processor_and_not_of_the_clock(tmp_path: Path) -> None:
    """On a busy machine an answer waits; that is not its fault."""
    text = SOLVED + "\nimport time\ntime.sleep(2)\n"
    assert check_file(answer(tmp_path, text), seconds=1)[0].ok


@pytest.mark.thorough
def test_an_answer_that_waits_is_stopped(tmp_path: Path) -> None:
    outcome, *_ = check_file(answer(tmp_path, "import time\ntime.sleep(60)\n"), seconds=1)
    assert "is there an endless loop?" in outcome.text


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
    assert rows[-1] == "          | ... more lines"


def test_what_a_function_printed_is_kept_however_it_ends(tmp_path: Path) -> None:
    for last in ("os._exit(0)", "os.kill(os.getpid(), 9)", "1 / 0", "pass"):
        text = f"\ndef gap_forward(x):\n    import os; print('shape', x.shape); {last}\n"
        outcome, _, said = check_file(answer(tmp_path, SOLVED + text))
        assert not outcome.ok
        assert "| shape (" in said, last


def test_an_answer_may_close_its_output(tmp_path: Path) -> None:
    assert check_file(answer(tmp_path, SOLVED + "\nimport sys; sys.stdout.close()\n"))[0].ok


def test_an_answer_may_lose_what_it_writes(tmp_path: Path) -> None:
    """It is right all the same, and is told."""
    text = f"{SOLVED}\nopen({str(tmp_path / 'log.txt')!r}, 'w').write('hello')\n"
    checked = check_file(answer(tmp_path, text))
    assert checked.outcome.ok
    assert checked.outcome.fenced == (not (tmp_path / "log.txt").exists())
    assert ("[not written: " in checked.printed) == checked.outcome.fenced


def test_a_thread_that_never_ends_does_not_hold_the_verdict(tmp_path: Path) -> None:
    text = SOLVED + "\nimport threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert check_file(answer(tmp_path, text), seconds=60)[0].ok


def test_a_file_without_its_check_cell_is_checked_all_the_same(tmp_path: Path) -> None:
    text = SOLVED.split("# %% [markdown]\n# Run the next cell")[0]
    assert "exercises.check" not in text
    assert check_file(answer(tmp_path, text))[0].ok


def test_the_folder_stays_clean(tmp_path: Path) -> None:
    path = answer(tmp_path, "x = 1\n")
    check_file(path)
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    real = answer(tmp_path, SOLVED)
    link = tmp_path / "links" / real.name
    link.parent.mkdir()
    link.symlink_to(real)
    with pytest.raises(DataError, match="it is a link"):
        check_file(link)
    real.write_text("#" * (LARGEST + 1))
    with pytest.raises(DataError, match="larger than"):
        check_file(real)


def test_a_class_is_checked_with_one_seed_and_no_link_is_followed(tmp_path: Path) -> None:
    exercise = find("global_avg_pool")
    texts = {
        "anna": SOLVED,
        "ben": exercise.wrong(exercise.mutants[0]),
        "cleo": exercise.starter(),
        "dora": "import os\nos._exit(0)\n",
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        answer(tmp_path / name, text)
    (tmp_path / "eve").symlink_to(tmp_path / "anna")
    (tmp_path / "finn").mkdir()
    (tmp_path / "finn" / exercise.file_name).symlink_to(tmp_path / "anna" / exercise.file_name)
    found = dict(check_folder(tmp_path))
    refused = {name: told for name, told in found.items() if isinstance(told, str)}
    checked = {name: told.outcome for name, told in found.items() if not isinstance(told, str)}
    assert [(name.split("/")[0], o.state, o.points()) for name, o in checked.items()] == [
        ("anna", "passed", 2.0),
        ("ben", "wrong", 1.0),
        ("cleo", "unsolved", 0.0),
        ("dora", "crashed", 0.0),
    ]
    assert list(refused) == [f"finn/{exercise.file_name}"]
    assert len({o.seed for o in checked.values() if o.seed is not None}) == 1
