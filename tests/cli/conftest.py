"""One run of `minin train`, short, that all tests of the command line look at."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import pytest

from minin.cli import main


class Trained(NamedTuple):
    folder: Path
    code: int
    out: str
    err: str


class Done(NamedTuple):
    code: int
    out: str
    err: str


def call(*words: str) -> Done:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return Done(code, out.getvalue(), err.getvalue())


def assert_error(done: Done, *parts: str) -> None:
    """One line on stderr that says what is wrong, exit code 2, nothing on stdout."""
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("minin: error: ")
    assert done.err.count("\n") == 1
    for part in parts:
        assert part in done.err


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("cli") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        done = call("train", "--epochs", "1", "--out", str(folder))
    return Trained(folder, *done)


@pytest.fixture(autouse=True)
def _at_eighty_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each command in an empty folder, on a terminal of a known width."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("MININ_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
