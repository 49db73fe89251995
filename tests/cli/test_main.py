"""The frame of the command line: codes, help, pipes, encodings, Ctrl-C."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import minin
from minin import cli
from tests.cli.conftest import assert_error, call

ROOT = Path(__file__).resolve().parents[2]


def process(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start `python -m minin` on its own, as a shell would."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "minin", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_the_version() -> None:
    assert call("--version") == (0, f"minin {minin.__version__}\n", "")


def test_no_command_shows_what_there_is() -> None:
    done = call()
    assert done.code == 0
    for name, line in cli.COMMANDS.items():
        assert f"  {name}" in done.out
        assert line in done.out


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in cli.COMMANDS)])
def test_help_fits_a_terminal_and_has_examples(words: list[str]) -> None:
    done = call(*words)
    assert (done.code, done.err) == (0, "")
    assert "examples:\n  minin " in done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_survives_a_narrow_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert call(name, "--help").code == 0


def test_an_unknown_command_is_named_with_the_nearest() -> None:
    assert_error(call("trian"), "unknown command 'trian'; did you mean 'train'?")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["train", "--nothing"], "unrecognized arguments: --nothing; see `minin train --help`"),
        (["convert"], "the following arguments are required"),
    ],
)
def test_wrong_words_are_one_line_and_point_to_the_help(words: list[str], message: str) -> None:
    assert_error(call(*words), message, "--help`")


def test_each_command_imports_its_own_file_only() -> None:
    script = (
        "import sys; from minin.cli import main; main(['summary'])\n"
        "loaded = sorted(m for m in sys.modules if m.startswith('minin.cli.'))\n"
        "print(loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "minin.cli.summary" in done.stderr
    assert "minin.cli.train" not in done.stderr
    assert "minin.cli.predict" not in done.stderr


def test_a_reader_that_leaves_is_no_accident() -> None:
    with process("summary", "nin-cifar10") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)


def test_a_reader_that_leaves_a_run_ends_it(tmp_path: Path) -> None:
    with process("train", "--epochs", "2", "--out", str(tmp_path / "run")) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith(b"data ")
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 141
    assert not (tmp_path / "run").exists()


def test_an_output_that_knows_ascii_only(tmp_path: Path) -> None:
    folder = str(tmp_path / "Übung")
    with process("evaluate", folder, PYTHONIOENCODING="ascii", PYTHONUTF8="0") as running:
        _, err = running.communicate()
    assert running.returncode == 2
    assert rb"\xdcbung" in err
    assert b"Traceback" not in err


def test_ctrl_c_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", stopped)
    assert call("summary") == (130, "", "minin: stopped by Ctrl-C\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_wraps_an_error_at_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert cli.main(["summary", "nin-nothing"]) == 2
    lines = terminal.getvalue().splitlines()
    assert lines[0].startswith("minin: error: ")
    assert len(lines) > 2
    assert max(map(len, lines)) <= 40
    assert all(line.startswith("  ") for line in lines[1:])


def test_an_error_of_the_system_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(_: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr(cli, "_run", failed)
    assert_error(call("summary"), "Permission denied: 'secret'")


def test_a_closed_stdout_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "square.py"
    file.write_text(
        "import numpy as np\n"
        "def forward(x):\n    return np.maximum(x, 0), x\n"
        "def backward(grad_y, x):\n    print('heard')\n    return (grad_y * (x > 0),)\n"
    )
    command = f"exec {sys.executable} -m minin gradcheck --function {file} --op relu >&-"
    done = subprocess.run(command, shell=True, capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")
