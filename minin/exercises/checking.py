"""Checking one answer: values, slopes against measured ones, ties; the verdict."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from minin import gradcheck
from minin.autograd import rules
from minin.errors import UnknownNameError
from minin.exercises.outcome import Outcome, headline, labelled
from minin.exercises.source import Exercise, find
from minin.exercises.tasks import TASKS, Slopes, Value
from minin.gradcheck.mutants import BUGS
from minin.gradcheck.printed import heard
from minin.gradcheck.report import LEVELS, Report

_SMALL = 24  # numbers in an array that is shown whole

Functions = Mapping[str, Callable[..., Any]]
Line = tuple[str, str, str]  # from which level of feedback on it is told, label, text


class _FaultError(Exception):
    """Something is wrong with the answer; carries the outcome's state, lines and bug."""

    def __init__(self, state: str, lines: Iterable[Line], bug: str | None = None):
        super().__init__(state)
        self.state, self.lines, self.bug = state, list(lines), bug


class _WrongValuesError(_FaultError):
    """The numbers differ from the right ones; the shape is right."""


def check(name: str, namespace: Mapping[str, Any], feedback: str = "fix", seed: int = 0) -> Outcome:
    """Check the answer to an exercise.

    Values are compared with independent references, the smallest cases first; slopes are measured
    on forward and compared with what backward returns, and the likeliest bug is named; where
    pixels tie there is no slope, and values decide again. It runs under the plain rules, and
    at the end tells what the functions printed.

    Args:
        name: the exercise, one of `names`.
        namespace: where the answer's functions are, as in ``globals()``.
        feedback: how much to give away: "verdict", "where", "what" or "fix".
        seed: of the numbers and the shapes that are drawn.

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
    try:
        known = _found(task.functions, namespace)
        with heard(), rules("plain"):
            cases = 0
            for value in task.values(rng):
                try:
                    _check_value(known, value)
                except _WrongValuesError as fault:
                    raise _named(fault, value, task.slopes(known, rng), seed) from None
                cases += 1
            entries = sum(_check_slopes(s, feedback, seed) for s in task.slopes(known, rng))
            ties = sum(_check_value(known, value) for value in task.ties(rng))
    except _FaultError as fault:
        return _told(exercise, fault, feedback)
    text = (
        f"{headline(exercise)}\n"
        f"  values    {cases} cases have the right values\n"
        f"  slopes    {entries} entries agree with measured slopes"
    )
    if ties:
        text += f"\n  ties      {ties} cases with ties have the right values"
    return Outcome(name, "passed", text, None, float(exercise.points))


def _found(names: Iterable[str], namespace: Mapping[str, Any]) -> Functions:
    for name in names:
        if not callable(namespace.get(name)):
            raise _FaultError("crashed", [("verdict", "missing", f"the file must define {name}")])
    return {name: namespace[name] for name in names}


def _told(exercise: Exercise, fault: _FaultError, feedback: str) -> Outcome:
    """Write a fault as a verdict, and leave out what gives too much away."""
    word = "not solved yet" if fault.state == "unsolved" else "NOT YET"
    lines = [f"{exercise.name}: {word}"]
    for level, label, text in fault.lines:
        if LEVELS.index(level) <= LEVELS.index(feedback):
            lines += labelled(label, text) if label else [text]
    bug = fault.bug if LEVELS.index(feedback) >= LEVELS.index("what") else None
    return Outcome(exercise.name, fault.state, "\n".join(lines), bug)


# -------------------------------------------------------------------------- values


def _check_value(functions: Functions, value: Value) -> bool:
    """Call once and compare with the right result."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in value.arguments]
    case = ("where", "case", f"{value.function}: {value.about}")
    if value.before is not None:
        first, given = value.before
        came = _called(first, functions[first], *(np.copy(a) if _is_array(a) else a for a in given))
        came = _output_and_cache(first, came, case)[1]
        came = _called(value.function, functions[value.function], *arguments, came)
    else:
        came = _called(value.function, functions[value.function], *arguments)
    if value.cached:
        came = _output_and_cache(value.function, came, case)[0]
    for before, after in zip(value.arguments, arguments, strict=True):
        if _is_array(before) and not np.array_equal(before, after):
            text = f"{value.function} changes its input; work on a copy"
            raise _FaultError("wrong", [("verdict", "changed", text), case], "H2")
    _compare(value, came, case)
    return True


def _output_and_cache(name: str, came: Any, case: Line) -> tuple[Any, Any]:
    if not isinstance(came, tuple) or len(came) != 2:
        text = f"{name} must return two things, the output and a cache; got {_kind(came)}"
        raise _FaultError("wrong", [("verdict", "returned", text), case])
    return came


def _compare(value: Value, came: Any, case: Line) -> None:
    right = value.right
    if not _is_array(came) or came.dtype.kind not in "fiu":
        text = f"{value.function} must return an array of numbers; got {_kind(came)}"
        raise _FaultError("wrong", [("verdict", "returned", text), case])
    if came.shape != right.shape:
        text = f"{value.function} returns the shape {came.shape}; it must be {right.shape}"
        raise _FaultError("wrong", [("where", "shape", text), case])
    near = np.isclose(came, right, rtol=1e-9, atol=1e-9)
    if near.all():
        return
    if came.dtype in (np.float32, np.float16) and np.allclose(came, right, rtol=1e-2, atol=1e-2):
        text = f"{value.function} returns {came.dtype} where float64 came in; keep the input's type"
        raise _FaultError("wrong", [("verdict", "returned", text), case])
    place = tuple(int(i) for i in np.argwhere(~near)[0])
    where = (
        f"{int((~near).sum())} of {near.size} entries are wrong; the first at {list(place)}:"
        f" yours {came[place]:.6g}, right {right[place]:.6g}"
    )
    lines = [case, ("where", "where", where), *_shown(value, came)]
    if value.rule:
        lines.append(("where", "rule", value.rule))
    bug = next((b for b, w in value.wrong.items() if np.allclose(came, w)), None)
    if bug is not None:
        lines.append(("what", "bug", f"{bug}, {BUGS[bug].name}"))
    raise _WrongValuesError("wrong", lines, bug)


def _shown(value: Value, came: Any) -> list[Line]:
    """Show a case that is small enough as matrices, so that it can be done by hand."""
    arrays = {"input": value.arguments[0], "yours": came, "right": value.right}
    if value.before is not None:
        arrays = {"x": value.before[1][0], "grad_y": value.arguments[0], **arrays}
        del arrays["input"]
    if not all(_is_small(a) for a in arrays.values()):
        return []
    return [("where", label, _matrix(a)) for label, a in arrays.items()]


def _matrix(array: Any) -> str:
    """Write the last two axes as rows and columns."""
    rows = [[f"{v:.4g}" for v in row] for row in array.reshape(-1, array.shape[-1])]
    wide = max(len(v) for row in rows for v in row)
    return "\n".join(" ".join(f"{v:>{wide}}" for v in row) for row in rows)


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


_PLAIN: Mapping[type[BaseException], str] = {
    EOFError: "it asks for input, and in a check nobody answers",
    SystemExit: "it ends the program; take the call of exit out",
    KeyboardInterrupt: "it stops the program; take that out",
    MemoryError: "it needs too much memory",
    RecursionError: "it calls itself without end",
}


def in_words(error: BaseException, file: str | None) -> str:
    """Say what an answer raised, and in which line of its file."""
    message = _PLAIN.get(type(error)) or " ".join(str(error).split())[:300]
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename == file]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(error).__name__}{': ' + message if message else ''}"


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _is_small(value: Any) -> bool:
    return _is_array(value) and value.size <= _SMALL and value.size == np.prod(value.shape[-2:])


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
    found: Counter[str] = Counter()
    for slopes in checks:
        bug = _bug(_report(slopes, "fix", seed)) if slopes.function == value.function else None
        if bug is not None:
            found[bug] += 1
            if found[bug] == 2:  # one geometry may fit two causes, two hardly do
                break
    if not found:
        return fault
    bug = found.most_common(1)[0][0]
    lines = [*fault.lines, ("what", "bug", f"{bug}, {BUGS[bug].name}")]
    return _FaultError("wrong", [*lines, ("fix", "mend", BUGS[bug].sentence)], bug)
