"""The smallest case at which it still fails, in small whole numbers, and with nothing cut.

The numbers become 1, 2, 3 and the upstream gradient G 1, 10, 100: what is left can be checked by
hand. A case that does not fit whole into its lines is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.report.shrink import fault, leaves, shrunk, upstream, with_leaves
from minin.gradcheck.subject import Code, Subject
from minin.sentences import sentence
from minin.text import columns

WIDTH, ROWS, NUMBERS = 65, 5, 12  # of a case; numbers of an array, at most


def smallest(subject: Subject, name: str) -> tuple[str, ...]:
    """Return lines about the smallest failing case of one argument; none if it stays large."""
    if not isinstance(subject, Code) or name not in subject.names:
        return ()
    place = subject.names.index(name)
    inputs = shrunk(subject, place)
    arrays = leaves(inputs)
    if any(x.size > NUMBERS for x in arrays):
        return ()
    for form in (_whole, _rounded, lambda x, _: x):
        chosen = with_leaves(inputs, (form(x, k) for k, x in enumerate(arrays)))
        rows = _rows(subject, chosen, place)
        if rows:
            return tuple(rows)
    return ()


def _whole(x: Array, k: int) -> Array:
    """Replace numbers by small whole ones, all different; labels and masks stay."""
    made = x.dtype.kind == "f" and not np.isin(x, (0, 1)).all()
    return (np.arange(x.size) + 1.0 + k).reshape(x.shape) if made else x


def _rounded(x: Array, _: int) -> Array:
    return np.round(x, 1) if x.dtype.kind == "f" else x


def _rows(subject: Code, inputs: Sequence[Any], place: int) -> list[str]:
    """Return the rows of a case; none if it does not fail or does not fit."""
    wrong = fault(subject, inputs, place)
    moved = subject.at(inputs)
    outcome = moved.run(moved.base)
    g, x = upstream(outcome.output.shape), moved.base[place]
    if not wrong or g.size > NUMBERS:
        return []
    grad = np.asarray(moved.run_backward(outcome, g.copy())[place], dtype=float)
    slopes = measure(moved.look, moved.base, place, np.arange(x.size))
    true = slopes.along(g).reshape(x.shape)
    largest = float(max(np.abs(true).max(), np.abs(grad).max(initial=0.0)))
    right, yours = _numbers(true, largest), _numbers(grad, largest)
    if wrong == "shape":
        right, yours = f"{_shape(true)} {right}", f"{_shape(grad)} {yours}"
    if right == yours or grad.size > NUMBERS or slopes.kink.any():  # on a kink nothing is right
        return []
    told = [f"{n}{_shape(a)} {_numbers(a)}" for n, a in _named(moved.arguments, inputs)]
    told = [f"{sentence('gradcheck.smallest')} {told[0]}", *told[1:], f"G{_shape(g)} {_numbers(g)}"]
    pair = [sentence("gradcheck.right", right=right), sentence("gradcheck.yours", yours=yours)]
    rows = [*_packed(told), *_packed(pair)]
    rows += _arithmetic(slopes.jacobian, g, true, grad) if wrong == "numbers" else []
    return rows if len(rows) <= ROWS and all(columns(row) <= WIDTH for row in rows) else []


def _arithmetic(jacobian: Array, g: Array, true: Array, grad: Array) -> list[str]:
    """Write one wrong number out as the sum it should be, if that fits and says anything."""
    entry = int(np.abs(true - grad).argmax())
    row, flat = jacobian[entry], g.ravel()
    used = np.flatnonzero(np.abs(row) > 1e-6)
    if not 1 <= len(used) <= NUMBERS or (len(used) == 1 and flat[used[0]] == 1):
        return []
    index = ",".join(str(k) for k in np.unravel_index(entry, true.shape))
    told = sentence(
        "gradcheck.arithmetic", place=f"[{index}]" if index else "",
        terms=" + ".join(f"{_number(row[k])}*{_number(flat[k])}" for k in used),
        number=_number(true.ravel()[entry]),
    )  # fmt: skip
    return [told] if columns(told) <= WIDTH else []


def _named(names: Sequence[str], arguments: Sequence[Any]) -> Iterator[tuple[str, Array]]:
    """Yield all arrays among arguments with their names, those inside lists too."""
    for name, argument in zip(names, arguments, strict=True):
        if isinstance(argument, np.ndarray):
            yield name, argument
        elif isinstance(argument, (list, tuple)):
            yield from _named([f"{name}[{k}]" for k in range(len(argument))], argument)


def _packed(parts: Sequence[str]) -> list[str]:
    """Set parts side by side in as few rows as they need; none is broken."""
    rows = [parts[0]]
    for part in parts[1:]:
        beside = f"{rows[-1]}  {part}"
        if columns(beside) <= WIDTH:
            rows[-1] = beside
        else:
            rows.append(part)
    return rows


def _shape(x: Array) -> str:
    return "(" + ",".join(map(str, x.shape)) + ")" if x.ndim else ""


def _numbers(a: Array, largest: float = 0.0) -> str:
    """Write all numbers of an array; what is rounding beside the largest is 0."""
    return f"[{','.join(_number(v if abs(v) > 1e-8 * largest else 0.0) for v in np.ravel(a))}]"


def _number(value: float) -> str:
    near = round(value) if np.isfinite(value) else 0
    if value == 0 or (near and abs(value - near) < 1e-4 * max(1.0, abs(value))):
        return str(near)
    return f"{value:.3g}"
