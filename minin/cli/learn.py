"""`minin learn`: hand out the exercises, check an answer, give a hint."""

from __future__ import annotations

import argparse
import json
import textwrap
from pathlib import Path

from minin.cli.arguments import add_epilog
from minin.cli.console import say
from minin.errors import ArgumentError, DataError
from minin.exercises.prove import prove_files
from minin.exercises.runner import SECONDS, check_file
from minin.exercises.source import HINTS, find, names, texts
from minin.exercises.which import exercise_of
from minin.files.atomic import write_atomically
from minin.gradcheck.printed import page, show
from minin.gradcheck.report import LEVELS
from minin.text import WIDEST

EXAMPLES = """\
examples:
  minin learn start course            write the six exercises into a folder
  minin learn check course/1_im2col.py
  minin learn hint course/1_im2col.py --number 2
  minin learn list

exit codes of check: 0 right, 1 not yet, 2 no such exercise or none that is clear, 130 Ctrl-C
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    actions.add_parser("list", help="list the exercises").set_defaults(do=show_list)

    start = actions.add_parser("start", help="write the exercises into a folder")
    start.add_argument("folder", metavar="DIR", help="where to; it is made if need be")
    start.add_argument("--force", action="store_true", help="write over what is there")
    start.set_defaults(do=start_course)

    check = actions.add_parser("check", help="check an answer")
    check.add_argument("file", metavar="FILE", help="the answer")
    _add_exercise(check)
    check.add_argument(
        "--feedback",
        choices=LEVELS,
        default="fix",
        help="how much to give away; default: fix, all",
    )
    check.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        metavar="S",
        help=f"the longest it may take; default: {SECONDS:g}",
    )
    check.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the numbers drawn; default: 0"
    )
    check.add_argument("--json", action="store_true", help="print the outcome for a program")
    check.set_defaults(do=check_answer)

    hint = actions.add_parser("hint", help="show a hint; each gives away more")
    hint.add_argument("file", metavar="FILE", help="the answer")
    _add_exercise(hint)
    hint.add_argument(
        "--number", type=int, default=1, metavar="N", help=f"1 to {HINTS}; default: 1"
    )
    hint.set_defaults(do=show_hint)

    dev = actions.add_parser("dev-check", help="prove that the exercises and their checks hold")
    dev.set_defaults(do=dev_check)


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exercise",
        metavar="NAME",
        help="which it answers, for a file that has another name than `minin learn start` gave it",
    )


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    return int(args.do(args))


def show_list(_: argparse.Namespace) -> int:
    """Print a line for each exercise."""
    for exercise in map(find, names()):
        stars = "*" * exercise.stars
        say(
            f"{exercise.number} {stars}",
            f"{exercise.title} ({exercise.name}; {exercise.minutes} minutes, {exercise.points}"
            " points)",
        )
    return 0


def start_course(args: argparse.Namespace) -> int:
    """Write the starters; a file that is there already is kept.

    Raises:
        DataError: if the folder cannot be made or written to.
    """
    folder = Path(args.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{args.folder!r} cannot be a folder: {error.strerror or error}") from error
    kept = []
    for exercise in map(find, names()):
        path = folder / exercise.file_name
        if path.exists() and not args.force:
            kept.append(path.name)
        else:
            write_atomically(path, exercise.starter().encode())
    count = len(names()) - len(kept)
    say("written", f"{count} of {len(names())} exercises into {folder}")
    if kept:
        say("kept", f"{', '.join(kept)} (--force writes over them)")
    first = folder / find(names()[0]).file_name
    say("next", f"open {first}, then run: minin learn check {first}")
    return 0


def check_answer(args: argparse.Namespace) -> int:
    """Check one answer; 0 if it is right.

    Raises:
        ArgumentError: if the time limit is no positive number, or the seed is negative.
    """
    if not args.seconds > 0:
        raise ArgumentError(f"--seconds must be above 0; got {args.seconds}")
    if args.seed < 0:
        raise ArgumentError(f"--seed must be 0 or more; got {args.seed}")
    seconds = min(args.seconds, 86400.0)
    outcome, printed, said = check_file(
        args.file, args.exercise, feedback=args.feedback, seconds=seconds, seed=args.seed
    )
    if args.json:
        print(json.dumps({**outcome.to_dict(), "printed": printed + said}, indent=1))
    else:
        if printed.strip():
            show(page("the file itself, which is no verdict:", printed.rstrip()))
        if said:
            show(said)
        print(outcome.text)
        if outcome.ok:
            show_next(args.file, outcome.exercise)
        elif args.feedback == "fix":
            say("hint", f"minin learn hint {_again(args)}")
    return 0 if outcome.ok else 1


def _again(args: argparse.Namespace) -> str:
    """Return the words that mean the same answer in another command."""
    return f"{args.file} --exercise {args.exercise}" if args.exercise else str(args.file)


def show_next(file: str, name: str) -> None:
    """Say what comes after an exercise that is solved."""
    place = names().index(name) + 1
    if place == len(names()):
        say("done", "that was the last one: you have written the parts of Network in Network")
    else:
        following = Path(file).with_name(find(names()[place]).file_name)
        say("next", f"{following}, when you are done experimenting")


def show_hint(args: argparse.Namespace) -> int:
    """Print one of the three hints.

    Raises:
        ArgumentError: if there is no hint of that number.
    """
    exercise = find(exercise_of(args.file, args.exercise))
    if not 1 <= args.number <= HINTS:
        raise ArgumentError(f"--number must be 1 to {HINTS}; got {args.number}")
    say(f"hint {args.number}", exercise.hints[args.number - 1])
    if args.number < HINTS:
        say("more", f"minin learn hint {_again(args)} --number {args.number + 1}")
    return 0


def dev_check(_: argparse.Namespace) -> int:
    """Try every starter, solution and mutant; 0 if all came out as they must."""
    failed, count = 0, 0
    for proof in prove_files(texts()):
        count += 1
        word = "ok" if proof.holds else f"WRONG: {proof.wanted} was wanted"
        print(f"{proof.exercise:<16} {proof.what:<15} {proof.came:<10} {word}")
        if not proof.holds:
            failed += 1
            for line in proof.told.splitlines():
                print("\n".join(textwrap.wrap(line, WIDEST)))
    say("result", f"{count - failed} of {count} came out as they must")
    return 1 if failed else 0
