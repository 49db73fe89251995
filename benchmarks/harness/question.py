"""A question, and how it is put: from the command line to the file with the result."""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import machine, record, source
from benchmarks.harness.errors import BenchmarkError
from benchmarks.harness.meter import LIMIT, Meter
from benchmarks.harness.options import Options, parser, read
from benchmarks.harness.part import Measuring, Part
from benchmarks.report import words

STOPPED = 130  # the exit code of Ctrl-C

Main = Callable[..., int]  # takes the command line, and returns the exit code


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        name: of its script and of its results.
        parts: makes the parts; it is given a folder for files that peers read.
    """

    name: str
    parts: Callable[[Path], Iterable[Part]]


def script(
    name: str,
    about: str | None,
    peers: Sequence[str],
    parts: Callable[[Namespace, Path], Iterable[Part]],
    *arguments: Callable[[ArgumentParser], None],
) -> Main:
    """Make the main function of a script: read the command line, and put the question.

    Args:
        name: the question.
        about: the script's docstring.
        peers: who can be named with --peers and --python.
        parts: makes the parts, from the command line and a folder for files that peers read.
        arguments: each adds arguments to those that all questions share.
    """

    def main(argv: Sequence[str] | None = None) -> int:
        made = parser(about or "", name, peers)
        for add in arguments:
            add(made)
        given = read(made, argv)
        return put(Question(name, partial(parts, given)), given.options)

    return main


def put(question: Question, options: Options, meter: Meter | None = None) -> int:
    """Measure a question, and write its result; returns the exit code.

    Args:
        question: the question.
        options: how.
        meter: tells how busy others are; None for that of this system.
    """
    found = head(question.name, options)
    done: list[Measuring] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for part in question.parts(Path(folder)):
                done.append(Measuring(part.chosen(options), options, say, meter))
                done[-1].run()
                if not options.smoke:
                    found["parts"].append(done[-1].result())
                    _show(found["parts"][-1])
                    record.write_incomplete(found, options.results)
        return _smoked(question, done) if options.smoke else _written(found, options)
    except KeyboardInterrupt:
        say("stopped by Ctrl-C")
        _keep(found, done, options)
        return STOPPED
    except BenchmarkError as error:
        say(f"{question.name}: {error}")
        _keep(found, done, options)
        return 1


def head(question: str, options: Options) -> dict[str, Any]:
    """Return a result without its parts."""
    described = machine.describe()
    described["name"] = options.machine or described["name"]
    return {
        "format": record.FORMAT,
        "question": question,
        "complete": True,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": described,
        "source": source.describe(),
        "protocol": {
            "rounds": options.rounds,
            "warm_up_rounds": options.warm_up,
            "turn_seconds": options.turn_seconds,
            "others_limit": LIMIT,
            "attempts": options.attempts,
        },
        "parts": [],
    }


def _show(part: dict[str, Any]) -> None:
    """Print the medians of a part, each with its quartiles."""
    print(part["name"])
    for peer in part["peers"]:
        for key, measure in peer["measures"].items():
            unit, values = measure["unit"], measure["values"]
            median, spread = words.UNITS[unit](values["median"]), words.between(values, unit)
            print(f"  {peer['name']}, {key}: {median} ({spread})", flush=True)


def _written(found: dict[str, Any], options: Options) -> int:
    path = record.write(found, options.results)
    say(f"written: {path.name}; python -m benchmarks.page makes the page of it")
    return 0


def _keep(found: dict[str, Any], done: list[Measuring], options: Options) -> None:
    """Keep what a stopped run has: whole parts as results, the last one round by round."""
    finished = len(found["parts"])
    unfinished = [
        {"name": one.part.name, "others": one.rounds.others, "numbers": one.rounds.numbers}
        for one in done[finished:]
        if len(one.rounds)
    ]
    if options.smoke or not (finished or unfinished):
        return
    path = record.write_incomplete(found | {"unfinished": unfinished}, options.results)
    say(f"what was measured is kept in {path.name}, which the page does not use")


def _smoked(question: Question, done: list[Measuring]) -> int:
    """Say what ran. A smoke run has no numbers."""
    for one in done:
        ran = ", ".join(peer.name for peer in one.peers) or "nobody"
        print(f"smoke run of {question.name}, {one.part.name}: ran {ran}")
        for skipped in one.skipped:
            print(f"  skipped {skipped['name']}: {skipped['reason']}")
    print("a smoke run only shows that things run: it has no numbers, and nothing was written")
    return 0 if any(one.peers for one in done) else 1


def say(text: str) -> None:
    """Tell how far it is; results go to a file."""
    print(text, file=sys.stderr, flush=True)
