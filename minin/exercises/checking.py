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
from minin.exercises.tasks import TASKS, SlopeCheck, Value
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.report.report import LEVELS, Report
from minin.gradcheck.subject.printed import catch_prints
from minin.sentences import sentence, speaking

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


def check(
    name: str,
    namespace: Mapping[str, Any],
    feedback: str = "fix",
    seed: int = 0,
    language: str | None = None,
) -> Outcome:
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
        language: of the verdict, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.

    Raises:
        UnknownNameError: if the exercise, the feedback or the language is unknown.

    Example:
        >>> print(check("global_avg_pool", {}).text)
        global_avg_pool: NOT YET
          missing   the file must define gap_forward
    """
    with speaking(language):
        exercise = find(name)
        if feedback not in LEVELS:
            raise UnknownNameError.among("feedback", feedback, LEVELS)
        try:
            return _checked(exercise, namespace, feedback, seed)
        except _FaultError as fault:
            return _told(exercise, fault, feedback)


def _checked(exercise: Exercise, namespace: Mapping[str, Any], feedback: str, seed: int) -> Outcome:
    """Check all that is asked; return the outcome of a pass, for all others are raised."""
    task, rng = TASKS[exercise.name], np.random.default_rng(seed)
    known = _found(task.functions, namespace)
    with catch_prints(), rules("plain"):
        cases = 0
        for value in task.values(rng):
            try:
                _check_value(known, value)
            except _WrongValuesError as fault:
                raise _named(fault, value, task.slopes(known, rng), seed) from None
            cases += 1
        entries = sum(_check_slopes(s, feedback, seed) for s in task.slopes(known, rng))
        ties = sum(_check_value(known, value) for value in task.ties(rng))
    values = sentence("exercises.values_right", count=cases)
    slopes = sentence("exercises.slopes_right", count=entries)
    lines = [headline(exercise)]
    lines += labelled(sentence("labels.values"), values)
    lines += labelled(sentence("labels.slopes"), slopes)
    if ties:
        lines += labelled(sentence("labels.ties"), sentence("exercises.ties_right", count=ties))
    return Outcome(exercise.name, "passed", "\n".join(lines), None, float(exercise.points))


def _found(names: Iterable[str], namespace: Mapping[str, Any]) -> Functions:
    for name in names:
        if not callable(namespace.get(name)):
            text = sentence("exercises.must_define", function=name)
            raise _FaultError("crashed", [("verdict", sentence("labels.missing"), text)])
    return {name: namespace[name] for name in names}


def _told(exercise: Exercise, fault: _FaultError, feedback: str) -> Outcome:
    """Write a fault as a verdict, and leave out what gives too much away."""
    if fault.state == "unsolved":
        lines = [sentence("exercises.not_solved", exercise=exercise.name)]
    else:
        lines = [sentence("exercises.not_yet", exercise=exercise.name)]
    for level, label, text in fault.lines:
        if LEVELS.index(level) <= LEVELS.index(feedback):
            lines += labelled(label, text) if label else [text]
    bug = fault.bug if LEVELS.index(feedback) >= LEVELS.index("what") else None
    return Outcome(exercise.name, fault.state, "\n".join(lines), bug)


# -------------------------------------------------------------------------- values


def _check_value(functions: Functions, value: Value) -> bool:
    """Call once and compare with the right result."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in value.arguments]
    about = sentence("exercises.case", function=value.function, about=value.about)
    case = ("where", sentence("labels.case"), about)
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
            text = sentence("exercises.changes_input", function=value.function)
            raise _FaultError("wrong", [("verdict", sentence("labels.changed"), text), case], "H2")
    _compare(value, came, case)
    return True


def _output_and_cache(name: str, came: Any, case: Line) -> tuple[Any, Any]:
    if not isinstance(came, tuple) or len(came) != 2:
        text = sentence("exercises.two_results", function=name, came=_kind(came))
        raise _FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    return came


def _compare(value: Value, came: Any, case: Line) -> None:
    right = value.right
    if not _is_array(came) or came.dtype.kind not in "fiu":
        text = sentence("exercises.no_numbers", function=value.function, came=_kind(came))
        raise _FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    if came.shape != right.shape:
        text = sentence(
            "exercises.wrong_shape", function=value.function, came=came.shape, right=right.shape
        )
        raise _FaultError("wrong", [("where", sentence("labels.shape"), text), case])
    near = np.isclose(came, right, rtol=1e-9, atol=1e-9)
    if near.all():
        return
    if came.dtype in (np.float32, np.float16) and np.allclose(came, right, rtol=1e-2, atol=1e-2):
        text = sentence("exercises.wrong_type", function=value.function, came=came.dtype)
        raise _FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    place = tuple(int(i) for i in np.argwhere(~near)[0])
    where = sentence(
        "exercises.wrong_entries",
        count=int((~near).sum()),
        total=near.size,
        place=list(place),
        came=f"{came[place]:.6g}",
        right=f"{right[place]:.6g}",
    )
    lines = [case, ("where", sentence("labels.where"), where), *_shown(value, came)]
    if value.rule:
        lines.append(("where", sentence("labels.rule"), value.rule))
    bug = next((b for b, w in value.wrong.items() if np.allclose(came, w)), None)
    if bug is not None:
        lines.append(_bug_line(bug))
    raise _WrongValuesError("wrong", lines, bug)


def _bug_line(bug: str) -> Line:
    return "what", sentence("labels.bug"), sentence("exercises.bug", id=bug, name=BUGS[bug].name)


def _shown(value: Value, came: Any) -> list[Line]:
    """Show a case that is small enough as matrices, so that it can be done by hand."""
    given = {sentence("labels.input"): value.arguments[0]}
    if value.before is not None:
        given = {"x": value.before[1][0], "grad_y": value.arguments[0]}
    arrays = {**given, sentence("labels.yours"): came, sentence("labels.right"): value.right}
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
        text = sentence("exercises.to_do", function=name)
        raise _FaultError("unsolved", [("verdict", sentence("labels.to_do"), text)]) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: an answer must not end its own check
        file = getattr(getattr(function, "__code__", None), "co_filename", None)
        line = ("verdict", sentence("labels.raised"), in_words(error, file))
        raise _FaultError("crashed", [line]) from None


_PLAIN: Mapping[type[BaseException], str] = {
    EOFError: "exercises.asks_for_input",
    SystemExit: "exercises.ends_program",
    KeyboardInterrupt: "exercises.stops_program",
    MemoryError: "exercises.too_much_memory",
    RecursionError: "exercises.too_deep",
}


def in_words(error: BaseException, file: str | None) -> str:
    """Say what an answer raised, and in which line of its file."""
    plain, message = _PLAIN.get(type(error)), " ".join(str(error).split())[:300]
    if plain is not None:
        message = sentence(plain)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename == file]
    said = f"{type(error).__name__}{': ' + message if message else ''}"
    return sentence("exercises.at_line", line=lines[-1], error=said) if lines else said


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _is_small(value: Any) -> bool:
    return _is_array(value) and value.size <= _SMALL and value.size == np.prod(value.shape[-2:])


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return sentence("exercises.an_array", type=value.dtype)
    if value is None:
        return sentence("exercises.nothing")
    return sentence("exercises.something", type=type(value).__name__)


# -------------------------------------------------------------------------- slopes


def _check_slopes(slopes: SlopeCheck, feedback: str, seed: int) -> int:
    """Check one backward; return how many entries were judged."""
    out, memory = slopes.forward(*slopes.inputs, **slopes.params)
    _called(slopes.function, slopes.backward, np.ones_like(out), memory)
    report = _report(slopes, feedback, seed)
    if report.ok:
        return sum(line.judged for line in report.lines)
    raise _FaultError("wrong", [("verdict", "", str(report))], _bug(report))


def _report(slopes: SlopeCheck, feedback: str, seed: int) -> Report:
    return gradcheck.check_backward(
        slopes.forward,
        slopes.backward,
        slopes.inputs,
        op=slopes.op,
        params=slopes.params,
        seed=seed,
        feedback=feedback,
        repair=False,  # the answer is the learner's to find
    )


def _bug(report: Report) -> str | None:
    return next((f.bug for f in report.findings if f.bug), None)


def _named(
    fault: _FaultError, value: Value, checks: Iterable[SlopeCheck], seed: int
) -> _FaultError:
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
    fix = ("fix", sentence("labels.fix"), BUGS[bug].text)
    return _FaultError("wrong", [*fault.lines, _bug_line(bug), fix], bug)
