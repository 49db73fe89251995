"""What checked functions print is shown: a page of it, set apart, and never obeyed."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minin import Tensor, gradcheck
from minin.errors import DtypeError
from minin.gradcheck.subject.printed import COLUMNS, LINES, catch_prints

X = np.arange(1.0, 9.0)


def printing(words: Callable[[], Any]) -> Callable[[Any, Any], Any]:
    """Return a backward of x**2 that calls ``words`` each time."""

    def backward(grad: Any, x: Any) -> Any:
        words()
        return 2 * grad * x

    return backward


def square(x: Any) -> tuple[Any, Any]:
    return x**2, x


def checked(words: Callable[[], Any]) -> None:
    assert gradcheck.check_backward(square, printing(words), [X]).ok


def told(words: Callable[[], Any], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that a check shows of what its backward prints."""
    checked(words)
    out, err = capsys.readouterr()
    assert err == ""
    head, *rows = out.splitlines()
    assert head.startswith("printed   by backward, in the first of ")
    assert all(row.startswith(f"{'':<10}|") for row in rows)
    return [row[12:] for row in rows]


def test_a_print_in_backward_is_seen_once_with_the_number_of_calls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls: list[int] = []

    def words() -> None:
        calls.append(1)
        print((4, 3))

    checked(words)
    head, row = capsys.readouterr().out.splitlines()
    assert head == f"printed   by backward, in the first of {len(calls)} calls that printed:"
    assert row.split() == ["|", "(4,", "3)"]


def test_forward_and_backward_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    def forward(x: Any) -> Any:
        print("going")
        return square(x)

    assert gradcheck.check_backward(forward, printing(lambda: print("coming")), [X]).ok
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[2].rstrip(",") for row in rows[::2]] == ["forward", "backward"]
    assert [row.split()[1] for row in rows[1::2]] == ["going", "coming"]


def test_a_function_of_tensors_is_heard_too(capsys: pytest.CaptureFixture[str]) -> None:
    def double(x: Tensor) -> Tensor:
        print("seen", x.shape)
        return x * 2

    assert gradcheck.check(double, X).ok
    assert "| seen (8,)" in capsys.readouterr().out


def test_only_a_page_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(lambda: [print("row", k) for k in range(LINES + 7)], capsys)
    assert rows == [*(f"row {k}" for k in range(LINES)), "... 7 more lines"]
    rows = told(lambda: [print("row", k) for k in range(10_000)], capsys)
    assert rows[-1] == f"... {10_000 - LINES} more lines"
    assert told(lambda: [print(k) for k in range(LINES)], capsys)[-1] == str(LINES - 1)


def test_endless_lines_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(lambda: print("x" * 10**6), capsys) == ["x" * COLUMNS + " ..."]
    rows = told(lambda: [print("y" * 10**5, k) for k in range(3)], capsys)
    assert rows[0] == "y" * COLUMNS + " ..."
    assert rows[-1] == "... 2 more lines"


def test_control_characters_are_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(lambda: print("\x1b[2J\rPASSED\b\x00\u202eme"), capsys)
    assert rows == [r"\x1b[2J\rPASSED\x08\x00\u202eme"]


def test_what_goes_to_stderr_is_shown_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(lambda: print("here", file=sys.stderr), capsys) == ["here"]


def test_another_thread_is_heard(capsys: pytest.CaptureFixture[str]) -> None:
    def words() -> None:
        thread = threading.Thread(target=print, args=("beside",))
        thread.start()
        thread.join()

    checked(words)
    out = capsys.readouterr().out
    assert out.startswith("printed   by another thread")
    assert "| beside" in out


def test_silence_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    checked(lambda: None)
    checked(lambda: print("", end=""))
    assert capsys.readouterr() == ("", "")


def test_a_check_that_fails_still_tells(capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(x: Any) -> Any:
        print("before the error")
        return x.numpy()

    with pytest.raises(DtypeError):
        gradcheck.check(wrong, X)
    assert "| before the error" in capsys.readouterr().out


def test_inside_another_block_the_outer_one_hears() -> None:
    texts: list[str] = []
    with catch_prints(texts.append):
        checked(lambda: print("inner"))
        checked(lambda: print("inner"))
    (text,) = texts
    assert text.count("| inner") == 1


def test_stdout_may_be_closed_by_what_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(lambda: (sys.stdout.close(), print("still")), capsys) == ["still"]


@pytest.mark.parametrize(
    "words",
    [
        lambda: sys.stdout.buffer.write("h\u00e9\n".encode(sys.stdout.encoding)),
        lambda: sys.stdout.buffer.write(memoryview("h\u00e9\n".encode())),
        lambda: (sys.stdout.reconfigure(line_buffering=True), print("h\u00e9")),  # type: ignore[union-attr]  # as Python's own has it
    ],
)
def test_what_stdout_has_a_checked_function_has(
    words: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(words, capsys) == ["h\u00e9"]


def test_bytes_are_no_text() -> None:
    def words() -> None:
        with pytest.raises(TypeError, match="must be str, not bytes"):
            sys.stdout.write(b"x")  # type: ignore[arg-type]  # the mistake

    checked(words)


def test_a_closed_stdout_loses_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    checked(lambda: print("to nobody"))
