"""Checking a learner's file: the whole way from a path or a text to a verdict.

The file is anybody's code. It is read here, runs in a child behind a fence, and is asked for
arrays; what decides is computed and compared in this process.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from minin.errors import DataError, MininError, UnknownNameError
from minin.exercises.cells import source_of
from minin.exercises.checking import Judge
from minin.exercises.child import SECONDS, AnswerProcess, GoneError, RaisedError
from minin.exercises.comparing import in_words
from minin.exercises.outcome import Outcome, crashed, judged
from minin.exercises.source import find
from minin.exercises.tasks import TASKS
from minin.exercises.which import exercise_of, read_answer
from minin.gradcheck.report.report import LEVELS
from minin.gradcheck.subject.printed import show
from minin.machine import cores
from minin.sentences import language as language_in_use
from minin.sentences import sentence, speaking

SEEDS = 10**9  # fresh seeds lie below it
_T = TypeVar("_T")


class OutcomeAndPrints(NamedTuple):
    """An outcome, and what was printed meanwhile, which is no verdict.

    Attributes:
        outcome: the verdict.
        printed: what the file itself printed, cut to 64 KiB.
        said: what its functions printed, a page for each, as `gradcheck.subject.printed` writes it.
    """

    outcome: Outcome
    printed: str
    said: str


def check_file(
    path: str | os.PathLike[str],
    exercise: str | None = None,
    feedback: str = "fix",
    seconds: float = SECONDS,
    seed: int | None = None,
    language: str | None = None,
) -> OutcomeAndPrints:
    """Check a learner's file in a child process.

    Args:
        path: the file.
        exercise: which one it answers; None to know that by the file's name and first line.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seconds: how much processor time it may take.
        seed: of the numbers that are drawn; None for fresh ones.
        language: of the verdict, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.

    Raises:
        DataError: if there is no such file, or what it answers is not said or said in two ways.
        UnknownNameError: if there is no exercise or language of that name.
    """
    with speaking(language):
        name = exercise_of(path, exercise)
        where = str(Path(path).resolve())
        return check_source(read_answer(path), name, where, feedback, seconds, seed)


def check_source(
    source: bytes,
    name: str,
    path: str = "answer.py",
    feedback: str = "fix",
    seconds: float = SECONDS,
    seed: int | None = None,
) -> OutcomeAndPrints:
    """Check the text of an answer, called ``path``; the rest is as in `check_file`.

    Raises:
        UnknownNameError: if there is no such exercise, or no such feedback.
    """
    exercise = find(name)
    if feedback not in LEVELS:
        raise UnknownNameError.among("feedback", feedback, LEVELS)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    child = AnswerProcess(source, path, seconds)
    try:
        with child:
            child.read()
            judge = Judge(exercise, child, feedback, seed)
            judge.run()
        outcome = judged(exercise, judge.tally, judge.counts, feedback, seed)
    except RaisedError as error:
        outcome = crashed(exercise, *_while_read(error))
    except GoneError:
        outcome = crashed(exercise, *_ending(child))
    except DataError:
        raise
    except Exception as error:  # what came from the child must not end a grader
        text = sentence("exercises.check_itself", error=type(error).__name__)
        outcome = crashed(exercise, sentence("labels.stopped"), text)
    return OutcomeAndPrints(replace(outcome, fenced=child.fenced), child.printed, child.said)


def check(
    name: str,
    namespace: Mapping[str, Any],
    feedback: str = "fix",
    seed: int | None = None,
    language: str | None = None,
) -> Outcome:
    """Check the answer to an exercise, from a cell of a notebook or at the end of a file.

    The source of the answer's functions, and of what they use, goes to the same judge as a file
    does. What the functions printed is printed first.

    Args:
        name: the exercise, one of `names`.
        namespace: where the answer's functions are, as in ``globals()``.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seed: of the numbers and the shapes that are drawn; None for fresh ones.
        language: of the verdict, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.

    Raises:
        DataError: if the source of a function is not known.
        UnknownNameError: if the exercise, the feedback or the language is unknown.

    Example:
        >>> print(check("global_avg_pool", {}).text)
        global_avg_pool: NOT YET
          missing   the file must define gap_forward
    """
    with speaking(language):
        wanted = TASKS[find(name).name].functions
        try:
            source = source_of(wanted, namespace)
        except (OSError, TypeError, AttributeError) as error:
            raise DataError(sentence("exercises.no_source", functions=", ".join(wanted))) from error
        outcome, _, said = check_source(source, name, "answer.py", feedback, seed=seed)
        if said:
            show(said)
        return outcome


def check_folder(
    folder: str | os.PathLike[str],
    exercise: str | None = None,
    feedback: str = "fix",
    seconds: float = SECONDS,
    seed: int | None = None,
) -> Iterator[tuple[str, OutcomeAndPrints | str]]:
    """Check every .py file in a folder and below it, as of a class, with one seed for all.

    Yields the files' names and what came, or why a file was refused. No link is followed; the
    arguments are those of `check_file`.

    Raises:
        DataError: if there is no such file.
    """
    names = sorted(
        os.path.relpath(Path(place, name), folder)
        for place, _, found in os.walk(folder)
        for name in found
        if name.endswith(".py")
    )
    if not names:
        raise DataError(sentence("learn.no_answers", folder=repr(str(folder))))
    asked = (exercise, feedback, seconds, secrets.randbelow(SEEDS) if seed is None else seed)
    jobs = ((str(Path(folder, name)), *asked, language_in_use()) for name in names)
    yield from zip(names, in_processes(_checked, jobs), strict=True)


def _checked(path: str, *asked: Any) -> OutcomeAndPrints | str:
    try:
        return check_file(path, *asked)
    except MininError as error:
        return str(error)


def in_processes(work: Callable[..., _T], jobs: Iterable[tuple[Any, ...]]) -> Iterator[_T]:
    """Do jobs of checking, one a core at a time; their results come in order."""
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, *zip(*jobs, strict=True))


def _while_read(error: RaisedError) -> tuple[str, str]:
    if error.kind == "SyntaxError" and error.line is not None:
        text = sentence("exercises.at_line", line=error.line, error=error.words)
        return sentence("labels.syntax"), text
    return sentence("labels.raised"), sentence("exercises.while_read", error=in_words(error))


def _ending(child: AnswerProcess) -> tuple[str, str]:
    """Say how a child ended that has not answered: a label and a text."""
    sent = ""
    if child.code is not None and child.code < 0:
        with suppress(ValueError):
            sent = signal.Signals(-child.code).name
    if child.why == "time" or sent == "SIGXCPU":
        text = sentence("exercises.too_long", seconds=f"{child.seconds:g}")
        return sentence("labels.time"), text
    text = sentence("exercises.killed", signal=sent) if sent else sentence("exercises.ended")
    if child.why == "space":
        text = sentence("exercises.too_much_space")
    elif child.why == "memory" or sent == "SIGKILL":
        text = sentence("exercises.out_of_memory", signal="SIGKILL")
    return sentence("labels.ended"), text
