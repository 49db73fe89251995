"""What an answer sent beside what is right, and faults in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from minin.exercises.child import AnswerProcess, RaisedError
from minin.exercises.marks import FaultError, Line
from minin.exercises.tasks import Value
from minin.gradcheck.catalogue import BUGS
from minin.sentences import sentence

_SMALL = 24  # numbers in an array that is shown whole


class WrongValuesError(FaultError):
    """The numbers differ from the right ones; the shape is right."""


def output_and_cache(name: str, came: Any, case: Line) -> tuple[Any, Any]:
    """Part what a forward returned; raise a fault if it is not two things."""
    if not isinstance(came, tuple) or len(came) != 2:
        text = sentence("exercises.two_results", function=name, came=_kind(came))
        raise FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    return came


def compare(value: Value, right: Any, came: Any, case: Line) -> None:
    """Raise a fault if what came is not the right array."""
    if not is_array(came) or came.dtype.kind not in "fiu":
        text = sentence("exercises.no_numbers", function=value.function, came=_kind(came))
        raise FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    if came.shape != right.shape:
        text = sentence(
            "exercises.wrong_shape", function=value.function, came=came.shape, right=right.shape
        )
        raise FaultError("wrong", [("where", sentence("labels.shape"), text), case])
    near = np.isclose(came, right, rtol=1e-9, atol=1e-9)
    if near.all():
        return
    if came.dtype in (np.float32, np.float16) and np.allclose(came, right, rtol=1e-2, atol=1e-2):
        text = sentence("exercises.wrong_type", function=value.function, came=came.dtype)
        raise FaultError("wrong", [("verdict", sentence("labels.returned"), text), case])
    place = tuple(int(i) for i in np.argwhere(~near)[0])
    where = sentence(
        "exercises.wrong_entries",
        count=int((~near).sum()),
        total=near.size,
        place=list(place),
        came=f"{came[place]:.6g}",
        right=f"{right[place]:.6g}",
    )
    lines = [case, ("where", sentence("labels.where"), where), *_shown(value, right, came)]
    if value.rule:
        lines.append(("where", sentence("labels.rule"), value.rule))
    bug = next((b for b, w in value.wrong().items() if np.allclose(came, w)), None)
    if bug is not None:
        lines.append(bug_line(bug))
    raise WrongValuesError("wrong", lines, bug)


def bug_line(bug: str) -> Line:
    """Name a bug."""
    return "what", sentence("labels.bug"), sentence("exercises.bug", id=bug, name=BUGS[bug].name)


def _shown(value: Value, right: Any, came: Any) -> list[Line]:
    """Show a case that is small enough as matrices, so that it can be done by hand."""
    given = {sentence("labels.input"): value.arguments[0]}
    if value.before is not None:
        given = {"x": value.before[1][0], "grad_y": value.arguments[0]}
    arrays = {**given, sentence("labels.yours"): came, sentence("labels.right"): right}
    if not all(_is_small(a) for a in arrays.values()):
        return []
    return [("where", label, _matrix(a)) for label, a in arrays.items()]


def _matrix(array: Any) -> str:
    """Write the last two axes as rows and columns."""
    rows = [[f"{v:.4g}" for v in row] for row in array.reshape(-1, array.shape[-1])]
    wide = max(len(v) for row in rows for v in row)
    return "\n".join(" ".join(f"{v:>{wide}}" for v in row) for row in rows)


def called(
    child: AnswerProcess, name: str, *arguments: Any, keep: bool = False
) -> tuple[Any, dict[int, Any]]:
    """Call an answer's function; what it raises becomes a fault with its line."""
    try:
        return child.call(name, *arguments, keep=keep)
    except RaisedError as error:
        if error.kind == "NotImplementedError":
            text = sentence("exercises.to_do", function=name)
            fault = FaultError("unsolved", [("verdict", sentence("labels.to_do"), text)])
        else:
            line = ("verdict", sentence("labels.raised"), in_words(error))
            fault = FaultError("crashed", [line])
        raise fault from None


_PLAIN: Mapping[str, str] = {
    "EOFError": "exercises.asks_for_input",
    "SystemExit": "exercises.ends_program",
    "KeyboardInterrupt": "exercises.stops_program",
    "MemoryError": "exercises.too_much_memory",
    "RecursionError": "exercises.too_deep",
}


def in_words(error: RaisedError) -> str:
    """Say what an answer raised, and in which line of its file."""
    words = sentence(_PLAIN[error.kind]) if error.kind in _PLAIN else error.words
    said = f"{error.kind}{': ' + words if words else ''}"
    return (
        said if error.line is None else sentence("exercises.at_line", line=error.line, error=said)
    )


def in_order(came: Any, names: Iterable[str]) -> list[Any]:
    """Bring gradients of any arrangement into the order of the inputs; None where none came.

    Example:
        >>> in_order({"grad_x": 1, "dbias": 3}, ("x", "weight", "bias"))
        [1, None, 3]
    """
    names = list(names)
    if isinstance(came, Mapping):
        found = ({k: came.get(k) for k in (n, f"grad_{n}", f"d{n}")} for n in names)
        return [next((v for v in each.values() if v is not None), None) for each in found]
    flat = list(came) if isinstance(came, (tuple, list)) else [came]
    return (
        (flat + [None] * len(names))[: len(names)]
        if len(flat) <= len(names)
        else [None] * len(names)
    )


def is_array(value: Any) -> bool:
    """Tell whether it is an array."""
    return isinstance(value, np.ndarray)


def _is_small(value: Any) -> bool:
    return is_array(value) and value.size <= _SMALL and value.size == np.prod(value.shape[-2:])


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return sentence("exercises.an_array", type=value.dtype)
    if value is None:
        return sentence("exercises.nothing")
    return sentence("exercises.something", type=type(value).__name__)
