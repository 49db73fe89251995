"""The command line that all questions share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from benchmarks.harness.peers import TURN_SECONDS
from benchmarks.harness.record import RESULTS
from benchmarks.harness.summary import LEAST_ROUNDS


@dataclass(frozen=True)
class Options:
    """How a question is to be measured.

    Attributes:
        smoke: only see that everything runs; no numbers.
        rounds: that have to count.
        warm_up: rounds that never count.
        attempts: that each round has.
        wait: seconds to wait for a quiet machine.
        turn_seconds: how long a turn counts, at least.
        pythons: interpreters, by the families of peers that live there.
        only: names or families of the peers that shall take part; empty for all.
        machine: its name in file names; None for the one made from its processor.
        results: the folder to write to.
    """

    smoke: bool = False
    rounds: int = 9
    warm_up: int = 2
    attempts: int = 5
    wait: float = 0.0
    turn_seconds: float = TURN_SECONDS
    pythons: dict[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    machine: str | None = None
    results: Path = RESULTS


def parser(about: str, name: str, peers: Sequence[str]) -> argparse.ArgumentParser:
    """Make the parser that a question then adds its own arguments to.

    Args:
        about: the question's docstring.
        name: the question.
        peers: who can be named with --peers and --python.
    """
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--smoke", action="store_true", help="see that it runs; gives no numbers")
    made.add_argument("--rounds", type=_rounds, metavar="N", help="that count (9)")
    made.add_argument("--warm-up", type=whole, metavar="N", help="rounds before (2)")
    made.add_argument("--attempts", type=whole, metavar="N", help="for each round (5)")
    made.add_argument("--wait", type=float, metavar="SECONDS", help="for a quiet machine (0)")
    made.add_argument(
        "--peers", type=_words, dest="only", metavar="A,B", help=f"of {', '.join(peers)}"
    )
    made.add_argument(
        "--python",
        type=_place,
        action="append",
        default=[],
        metavar="PEER=PATH",
        help="the interpreter of a peer that lives in another environment; may be repeated",
    )
    made.add_argument("--machine", type=_machine, help="its name in the file names")
    made.set_defaults(known=tuple(peers), **vars(Options()))
    return made


def read(made: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; ``options`` of what is returned are those that all share."""
    given = made.parse_args(argv)
    given.pythons = dict(given.python)
    for name in (*given.only, *given.pythons):
        if not any(known == name or known.startswith(f"{name}-") for known in given.known):
            made.error(
                f"there is no peer {name!r} in this question; it has {', '.join(given.known)}"
            )
    options = Options(**{one.name: getattr(given, one.name) for one in fields(Options)})
    smoke = replace(options, rounds=2, warm_up=1, turn_seconds=0.0)
    given.options = smoke if given.smoke else options
    return given


def _rounds(text: str) -> int:
    count = whole(text)
    if count < LEAST_ROUNDS:
        raise argparse.ArgumentTypeError(
            f"no number is given from fewer than {LEAST_ROUNDS} rounds, got {count}"
        )
    return count


def whole(text: str) -> int:
    """Read a whole number from 1 on."""
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, got {text!r}")
    return count


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _machine(text: str) -> str:
    if not text or set(text) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
        raise argparse.ArgumentTypeError(f"small letters, digits and dashes only, got {text!r}")
    return text


def _place(text: str) -> tuple[str, str]:
    peer, sign, path = text.partition("=")
    if not (peer and sign and path):
        raise argparse.ArgumentTypeError(
            f"must be PEER=PATH, as in jax=venv/bin/python; got {text!r}"
        )
    if not (Path(path).is_file() and os.access(path, os.X_OK)):
        raise argparse.ArgumentTypeError(f"{path!r} is no program that can be run")
    return peer, str(Path(path).absolute())  # no resolve(): that would leave the environment
