"""Checking one answer: first its values against loops, then its slopes, then the verdict."""

from __future__ import annotations

import textwrap
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin import gradcheck
from minin.autograd import rules
from minin.errors import UnknownNameError
from minin.exercises.source import Exercise, find
from minin.exercises.tasks import TASKS, Slopes, Value
from minin.gradcheck.mutants import BUGS
from minin.gradcheck.quiet import quiet
from minin.gradcheck.report import LEVELS, Report

WIDTH = 78
_LABEL = 10


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes:
        exercise: the name.
        state: "passed", "unsolved", "wrong", or "crashed".
        text: the whole verdict, ready to be printed.
        bug: the id of the likeliest cause, or None.
        points: what the answer is worth: all of the exercise's, or none.
    """

    exercise: str
    state: str
    text: str
    bug: str | None = None
    points: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.state == "passed"

    def __str__(self) -> str:
        """Return the verdict."""
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Give the values by name, in a form that JSON keeps."""
        return {**vars(self), "ok": self.ok}

    def raise_if_failed(self) -> None:
        """Raise the verdict, for graders that count exceptions.

        Raises:
            GradientError: if the answer is not right; it is an AssertionError too.
        """
        if not self.ok:
            raise gradcheck.GradientError(self.text)


class _FaultError(Exception):
    """Something is wrong with the answer; carries the outcome's state, lines and bug."""

    def __init__(self, state: str, lines: Iterable[tuple[str, str, str]], bug: str | None = None):
        super().__init__(state)
        self.state, self.lines, self.bug = state, list(lines), bug


class _WrongValuesError(_FaultError):
    """The numbers differ from the right ones; the shape is right."""


def check(name: str, namespace: Mapping[str, Any], feedback: str = "fix", seed: int = 0) -> Outcome:
    """Check the answer to an exercise.

    Values are compared with independent loops on several small cases; slopes are measured on
    forward and compared with what backward returns, and the likeliest bug is named. It runs
    under the plain rules, and nothing is printed.

    Args:
        name: the exercise, one of `names`.
        namespace: where the answer's functions are, as in ``globals()``.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seed: of the numbers that are drawn.

    Raises:
        UnknownNameError: if the exercise or the feedback is unknown.

    Example:
        >>> print(check("global_avg_pool", {}).text)
        global_avg_pool: NOT YET
          missing   the file must define gap_forward
    """
    exercise = find(name)
    if feedback not in LEVELS:
        raise UnknownNameError.among("feedback", feedback, LEVELS)
    task, rng = TASKS[name], np.random.default_rng(seed)
    functions = {f: namespace.get(f) for f in task.functions}
    try:
        for f, value in functions.items():
            if not callable(value):
                raise _FaultError("crashed", [("verdict", "missing", f"the file must define {f}")])
        known: Mapping[str, Callable[..., Any]] = {f: v for f, v in functions.items() if v}
        with quiet(), rules("plain"):
            cases = 0
            for value in task.values(rng):
                try:
                    _check_value(known[value.function], value)
                except _WrongValuesError as fault:
                    raise _named(fault, value, task.slopes(known, rng), seed) from None
                cases += 1
            entries = sum(_check_slopes(s, feedback, seed) for s in task.slopes(known, rng))
    except _FaultError as fault:
        return _told(exercise, fault, feedback)
    text = (
        f"{name}: PASSED, {exercise.points} points\n"
        f"  values    {cases} cases agree with loops\n"
        f"  slopes    {entries} entries agree with measured slopes"
    )
    return Outcome(name, "passed", text, None, float(exercise.points))


def _told(exercise: Exercise, fault: _FaultError, feedback: str) -> Outcome:
    """Write a fault as a verdict of at most 78 columns, and leave out what gives too much away."""
    word = "not solved yet" if fault.state == "unsolved" else "NOT YET"
    lines = [f"{exercise.name}: {word}"]
    for level, label, text in fault.lines:
        if LEVELS.index(level) > LEVELS.index(feedback):
            continue
        if label == "":
            lines.append(text)
            continue
        lines += textwrap.wrap(
            text,
            WIDTH,
            initial_indent=f"  {label:<{_LABEL}}",
            subsequent_indent=" " * (_LABEL + 2),
            break_on_hyphens=False,
        )
    bug = fault.bug if LEVELS.index(feedback) >= LEVELS.index("what") else None
    return Outcome(exercise.name, fault.state, "\n".join(lines), bug)


# -------------------------------------------------------------------------- values


def _check_value(function: Callable[..., Any], value: Value) -> None:
    """Call once and compare with the right result."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in value.arguments]
    came = _called(value.function, function, *arguments)
    case = ("where", "case", f"{value.function}: {value.about}")
    if value.cached:
        if not isinstance(came, tuple) or len(came) != 2:
            text = f"{value.function} must return two things, the output and a cache"
            raise _FaultError(
                "wrong", [("verdict", "returned", f"{text}; got {_kind(came)}"), case]
            )
        came = came[0]
    for before, after in zip(value.arguments, arguments, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after):
            text = f"{value.function} changes its input; work on a copy"
            raise _FaultError("wrong", [("verdict", "changed", text), case], "H2")
    _compare(value, came, case)


def _compare(value: Value, came: Any, case: tuple[str, str, str]) -> None:
    right = value.right
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "fiu":
        text = f"{value.function} must return an array of numbers; got {_kind(came)}"
        raise _FaultError("wrong", [("verdict", "returned", text), case])
    if came.shape != right.shape:
        text = f"{value.function} returns the shape {came.shape}; it must be {right.shape}"
        raise _FaultError("wrong", [("where", "shape", text), case])
    near = np.isclose(came, right, rtol=1e-9, atol=1e-9)
    if not near.all():
        place = tuple(int(i) for i in np.argwhere(~near)[0])
        where = (
            f"{int((~near).sum())} of {near.size} entries are wrong; the first at {list(place)}:"
            f" yours {came[place]:.6g}, right {right[place]:.6g}"
        )
        raise _WrongValuesError("wrong", [case, ("where", "where", where)])


def _called(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call an answer's function; whatever it raises becomes a fault with its line."""
    try:
        return function(*arguments)
    except NotImplementedError:
        text = f"{name} still raises NotImplementedError"
        raise _FaultError("unsolved", [("verdict", "to do", text)]) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: an answer must not end its own check
        file = getattr(getattr(function, "__code__", None), "co_filename", None)
        raise _FaultError("crashed", [("verdict", "raised", in_words(error, file))]) from None


def in_words(error: BaseException, file: str | None) -> str:
    """Say what an answer raised, and in which line of its file."""
    message = " ".join(str(error).split())[:300]
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename == file]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(error).__name__}{': ' + message if message else ''}"


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    return "None" if value is None else f"a {type(value).__name__}"


# -------------------------------------------------------------------------- slopes


def _check_slopes(slopes: Slopes, feedback: str, seed: int) -> int:
    """Check one backward; return how many entries were judged."""
    out, memory = slopes.forward(*slopes.inputs, **slopes.params)
    _called(slopes.function, slopes.backward, np.ones_like(out), memory)
    report = _report(slopes, feedback, seed)
    if report.ok:
        return sum(line.judged for line in report.lines)
    raise _FaultError("wrong", [("verdict", "", str(report))], _bug(report))


def _report(slopes: Slopes, feedback: str, seed: int) -> Report:
    return gradcheck.check_backward(
        slopes.forward,
        slopes.backward,
        slopes.inputs,
        op=slopes.op,
        params=slopes.params,
        seed=seed,
        feedback=feedback,
    )


def _bug(report: Report) -> str | None:
    return next((f.bug for f in report.findings if f.bug), None)


def _named(fault: _FaultError, value: Value, checks: Iterable[Slopes], seed: int) -> _FaultError:
    """Name the bug behind wrong values, where the function is the backward of another.

    im2col and col2im are each other's backward, so the gradient checker can judge them as such.
    """
    reports = [_report(s, "fix", seed) for s in checks if s.function == value.function]
    found = Counter(bug for bug in map(_bug, reports) if bug is not None)
    if found:
        bug = found.most_common(1)[0][0]  # one geometry may fit two causes, three hardly do
        lines = [*fault.lines, ("what", "bug", f"{bug}, {BUGS[bug].name}")]
        return _FaultError("wrong", [*lines, ("fix", "mend", BUGS[bug].sentence)], bug)
    return _FaultError("wrong", fault.lines)
