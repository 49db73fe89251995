"""`minin learn`: hand out the exercises, check an answer, give a hint."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from minin.cli.arguments import add_epilog
from minin.cli.console import say
from minin.errors import ArgumentError, DataError, MininError
from minin.exercises.child import SECONDS
from minin.exercises.prove import prove_files
from minin.exercises.runner import check_file, check_folder
from minin.exercises.source import HINTS, find, names, texts
from minin.exercises.which import exercise_of
from minin.files.atomic import write_atomically
from minin.gradcheck.report.report import LEVELS
from minin.gradcheck.subject.printed import page, show
from minin.sentences import sentence
from minin.text import wrap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, sentence("learn.examples"))
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    listing = actions.add_parser("list", help=sentence("learn.help_list"))
    listing.set_defaults(do=show_list)

    start = actions.add_parser("start", help=sentence("learn.help_start"))
    start.add_argument("folder", metavar="DIR", help=sentence("learn.help_folder"))
    start.add_argument("--force", action="store_true", help=sentence("learn.help_force"))
    start.set_defaults(do=start_course)

    check = actions.add_parser("check", help=sentence("learn.help_check"))
    check.add_argument("file", metavar="FILE|FOLDER", help=sentence("learn.help_answers"))
    _add_exercise(check)
    check.add_argument(
        "--feedback",
        choices=LEVELS,
        default="fix",
        help=sentence("learn.help_feedback"),
    )
    check.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        metavar="S",
        help=sentence("learn.help_seconds", seconds=f"{SECONDS:g}"),
    )
    check.add_argument("--seed", type=int, metavar="N", help=sentence("learn.help_seed"))
    check.add_argument("--json", action="store_true", help=sentence("learn.help_json"))
    check.set_defaults(do=check_answer)

    hint = actions.add_parser("hint", help=sentence("learn.help_hint"))
    hint.add_argument("file", metavar="FILE", help=sentence("learn.help_file"))
    _add_exercise(hint)
    hint.add_argument(
        "--number", type=int, default=1, metavar="N", help=sentence("learn.help_number", last=HINTS)
    )
    hint.set_defaults(do=show_hint)

    dev = actions.add_parser("dev-check", help=sentence("learn.help_dev_check"))
    dev.set_defaults(do=dev_check)


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exercise", metavar="NAME", help=sentence("learn.help_exercise"))


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    return int(args.do(args))


def show_list(_: argparse.Namespace) -> int:
    """Print a line for each exercise."""
    for exercise in map(find, names()):
        text = sentence(
            "learn.exercise",
            title=exercise.title,
            name=exercise.name,
            minutes=exercise.minutes,
            points=exercise.points,
        )
        say(f"{exercise.number} {'*' * exercise.stars}", text)
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
        why = error.strerror or error
        text = sentence("learn.no_folder", folder=repr(args.folder), why=why)
        raise DataError(text) from error
    kept = []
    for exercise in map(find, names()):
        path = folder / exercise.file_name
        if path.exists() and not args.force:
            kept.append(path.name)
        else:
            write_atomically(path, exercise.starter().encode())
    total = len(names())
    text = sentence("learn.written", count=total - len(kept), total=total, folder=folder)
    say(sentence("labels.written"), text)
    if kept:
        say(sentence("labels.kept"), sentence("learn.kept", files=", ".join(kept)))
    first = folder / find(names()[0]).file_name
    say(sentence("labels.next"), sentence("learn.open_first", file=first))
    return 0


def check_answer(args: argparse.Namespace) -> int:
    """Check one answer; 0 if it is right.

    Raises:
        ArgumentError: if the time limit is no positive number, or the seed is negative.
    """
    if not args.seconds > 0:
        raise ArgumentError(sentence("learn.seconds_above_0", value=args.seconds))
    if args.seed is not None and args.seed < 0:
        raise ArgumentError(sentence("learn.seed_from_0", value=args.seed))
    wanted = (args.exercise, args.feedback, min(args.seconds, 86400.0), args.seed)
    if Path(args.file).is_dir():
        return check_class(args, wanted)
    return check_one(args, wanted)


def check_one(args: argparse.Namespace, wanted: tuple[Any, ...]) -> int:
    """Check one file, and say what comes next."""
    try:
        outcome, printed, said = check_file(args.file, *wanted)
    except MininError as error:
        if not args.json:
            raise
        print(json.dumps(refused(error), indent=1))
        return 2
    if args.json:
        print(json.dumps({**outcome.to_dict(), "printed": printed + said}, indent=1))
    else:
        if printed.strip():
            show(page(sentence("printed.file_first"), printed.rstrip()))
        if said:
            show(said)
        print(outcome.text)
        if outcome.ok:
            show_next(args.file, outcome.exercise)
        elif args.feedback == "fix":
            say(sentence("labels.hint"), sentence("learn.ask_hint", file=_again(args)))
    return 0 if outcome.ok else 1


def check_class(args: argparse.Namespace, wanted: tuple[Any, ...]) -> int:
    """Check all answers in a folder and below; 0 if all are right, 2 if one was refused."""
    states, found = set(), []
    for name, checked in check_folder(args.file, *wanted):
        if isinstance(checked, str):
            row = {"file": name, **refused(checked)}
            line = sentence("learn.refused", file=name, why=checked)
        else:
            outcome, printed, said = checked
            row = {"file": name, **outcome.to_dict(), "printed": printed + said}
            line = sentence(
                "learn.one_of_class",
                file=name,
                exercise=outcome.exercise,
                state=outcome.state,
                points=f"{outcome.points():g}",
                most=f"{outcome.most:g}",
            )
        states.add(row["state"])
        found.append(row)
        if not args.json:
            show(line.replace("\n", "\\n"))  # a file's name may have two lines
    if args.json:
        print(json.dumps(found, indent=1))
    else:
        passed = sum(row["ok"] for row in found)
        text = sentence("learn.class_result", count=passed, total=len(found))
        say(sentence("labels.result"), text)
    return 2 if "refused" in states or not found else int(states != {"passed"})


def refused(why: Exception | str) -> dict[str, Any]:
    """Describe what could not be checked, as an outcome for a program."""
    return {"ok": False, "state": "refused", "text": str(why), "points": 0.0}


def _again(args: argparse.Namespace) -> str:
    """Return the words that mean the same answer in another command."""
    return f"{args.file} --exercise {args.exercise}" if args.exercise else str(args.file)


def show_next(file: str, name: str) -> None:
    """Say what comes after an exercise that is solved."""
    place = names().index(name) + 1
    if place == len(names()):
        say(sentence("labels.done"), sentence("learn.last"))
    else:
        following = Path(file).with_name(find(names()[place]).file_name)
        say(sentence("labels.next"), sentence("learn.following", file=following))


def show_hint(args: argparse.Namespace) -> int:
    """Print one of the three hints.

    Raises:
        ArgumentError: if there is no hint of that number.
    """
    exercise = find(exercise_of(args.file, args.exercise))
    if not 1 <= args.number <= HINTS:
        raise ArgumentError(sentence("learn.number_range", last=HINTS, value=args.number))
    say(sentence("labels.hint_number", number=args.number), exercise.hints[args.number - 1])
    if args.number < HINTS:
        more = sentence("learn.ask_more", file=_again(args), number=args.number + 1)
        say(sentence("labels.more"), more)
    return 0


def dev_check(_: argparse.Namespace) -> int:
    """Try every starter, solution and mutant; 0 if all came out as they must."""
    failed, count = 0, 0
    for proof in prove_files(texts()):
        count += 1
        word = "ok" if proof.holds else sentence("learn.wrong", wanted=proof.wanted)
        print(f"{proof.exercise:<16} {proof.what:<15} {proof.came:<10} {word}")
        if not proof.holds:
            failed += 1
            for line in proof.told.splitlines():
                print("\n".join(wrap(line)))
    say(sentence("labels.result"), sentence("learn.result", count=count - failed, total=count))
    return 1 if failed else 0
