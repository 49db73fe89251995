"""What the command line takes, and what it says to what it does not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import options

KNOWN = ("minin", "torch-default", "jax-nchw")


def read(*argv: str) -> Any:
    return options.read(options.parser("About.", "training_step", KNOWN), list(argv))


def test_the_defaults() -> None:
    given = read().options
    assert (given.rounds, given.warm_up, given.attempts, given.smoke) == (9, 2, 5, False)


def test_all_that_can_be_given() -> None:
    given = read(
        *("--rounds", "7", "--warm-up", "1", "--attempts", "2", "--wait", "60"),
        *("--peers", "torch,jax-nchw", "--python", f"jax={sys.executable}", "--machine", "box-1"),
    ).options
    assert (given.rounds, given.warm_up, given.attempts, given.wait) == (7, 1, 2, 60.0)
    assert given.only == ("torch", "jax-nchw")
    # Not resolved: behind the link there is no environment any more.
    assert given.pythons == {"jax": str(Path(sys.executable).absolute())}
    assert given.machine == "box-1"


def test_a_smoke_run_is_short() -> None:
    given = read("--smoke").options
    assert given.smoke
    assert given.turn_seconds == 0.0


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--rounds", "4"], "fewer than 5 rounds, got 4"),
        (["--rounds", "many"], "must be a whole number from 1 on, got 'many'"),
        (["--attempts", "0"], "must be a whole number from 1 on, got '0'"),
        (["--peers", "tensorflow"], "no peer 'tensorflow' in this question; it has minin, torch"),
        (["--python", "jax"], "must be PEER=PATH"),
        (["--python", "jax=/no/such/python"], "'/no/such/python' is no program"),
        (["--python", f"tensorflow={sys.executable}"], "there is no peer 'tensorflow'"),
        (["--machine", "My Machine"], "small letters, digits and dashes only"),
        (["--wait", "long"], "invalid float"),
    ],
)
def test_a_wrong_argument_is_told(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read(*argv)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
