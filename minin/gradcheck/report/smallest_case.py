"""The smallest inputs at which it still fails, with small whole numbers.

Equal lengths are made shorter together (the channels of an image and of its kernel), then the
numbers become 1, 2, 3 and the upstream gradient 1, 10, 100: what is left can be checked by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.measure.steps import STEP, along
from minin.gradcheck.subject import Subject
from minin.sentences import sentence

TRIES = 60  # of inputs, smaller each time


def smallest(subject: Subject, name: str) -> tuple[str, ...]:
    """Return lines about the smallest failing case of one argument; none if it stays large."""
    if subject.graph or name not in subject.names:
        return ()
    place = subject.names.index(name)
    inputs = list(subject.inputs)
    lengths = sorted({n for x in inputs for n in _lengths(x)}, reverse=True)
    for length in lengths[: TRIES // 3]:
        for shorter in range(1, min(length, 4)):
            tried = [_shorten(x, length, shorter) for x in inputs]
            if _fails(subject, tried, place):
                inputs = tried
                break
    plain = [_whole(x, k) for k, x in enumerate(inputs)]
    chosen = plain if _fails(subject, plain, place) else inputs
    return _case_lines(subject, chosen, place)


def _lengths(x: Any) -> tuple[int, ...]:
    return x.shape if isinstance(x, np.ndarray) else ()


def _shorten(x: Any, length: int, shorter: int) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    cut = x[tuple(slice(0, shorter if n == length else n) for n in x.shape)]
    return cut % max(shorter, 2) if cut.dtype.kind in "iu" and cut.size else cut


def _whole(x: Any, k: int) -> Any:
    """Replace numbers by small whole ones, all different."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return x
    return (np.arange(x.size, dtype=float) + 1.0 + k).reshape(x.shape)


def _upstream(shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape, dtype=int))
    return (10.0 ** (np.arange(size) % 4) * (1 + np.arange(size) // 4)).reshape(shape)


def _fails(subject: Subject, inputs: Sequence[Any], place: int) -> bool:
    """Tell whether the gradient is wrong along a direction, at these inputs."""
    try:
        moved = subject.at(inputs)
        outcome = moved.run(moved.base)
        g = _upstream(outcome.output.shape)
        grad = np.asarray(moved.run_backward(outcome, g.copy())[place], dtype=float)
        x = moved.base[place]
        if grad.shape != x.shape or not x.size or not outcome.output.size:
            return False
        directions = [np.zeros_like(b) for b in moved.base]
        directions[place] = 1.0 + np.sqrt(np.arange(x.size) + 2.0).reshape(x.shape)
        true = float(np.sum(g * along(moved.look, moved.base, directions, STEP)))
        came = float(np.sum(grad * directions[place]))
    except Exception:  # the functions do not take such inputs
        return False
    return bool(abs(true - came) > 1e-4 * max(1.0, abs(true)))


def _case_lines(subject: Subject, inputs: Sequence[Any], place: int) -> tuple[str, ...]:
    moved = subject.at(inputs)
    if moved.base[place].size > 12:
        return ()
    outcome = moved.run(moved.base)
    g = _upstream(outcome.output.shape)
    grad = np.asarray(moved.run_backward(outcome, g.copy())[place], dtype=float)
    x = moved.base[place]
    slopes = measure(moved.look, moved.base, place, np.arange(x.size))
    true = slopes.along(g).reshape(x.shape)
    shapes = " ".join(
        f"{n}{_shape(v)}"
        for n, v in zip(moved.arguments, inputs, strict=True)
        if isinstance(v, np.ndarray)
    )
    lines = [
        sentence("gradcheck.smallest", shapes=shapes, upstream=_numbers(g)),
        sentence("gradcheck.right_yours", right=_numbers(true), yours=_numbers(grad)),
    ]
    return (*lines, *_arithmetic(slopes.jacobian, g, true, grad))


def _arithmetic(jacobian: Array, g: Array, true: Array, grad: Array) -> tuple[str, ...]:
    """Write one wrong number out as the sum it should be."""
    off = np.abs(true - grad).ravel()
    entry = int(off.argmax())
    row, flat = jacobian[entry], g.ravel()
    used = np.flatnonzero(np.abs(row) > 1e-6)
    if not 1 <= len(used) <= 4:
        return ()
    terms = " + ".join(f"{_number(row[k])}*{_number(flat[k])}" for k in used)
    return (sentence("gradcheck.arithmetic", number=_number(true.ravel()[entry]), terms=terms),)


def _shape(x: Array) -> str:
    return "(" + ",".join(map(str, x.shape)) + ")"


def _numbers(a: Array) -> str:
    flat = np.asarray(a).ravel()
    shown = ",".join(_number(v) for v in flat[:8])
    return f"[{shown}{',..' if len(flat) > 8 else ''}]"


def _number(value: float) -> str:
    value = float(value)
    near = round(value)
    return str(near) if abs(value - near) < 1e-4 * max(1.0, abs(value)) else f"{value:.3g}"
