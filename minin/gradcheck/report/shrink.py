"""The smallest inputs at which a gradient still fails, found by counted trials.

Equal lengths are made shorter together (the channels of an image and of its kernel), then the
batch, then one axis of one array; what does not fit together stops in forward, and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.steps import STEP, along
from minin.gradcheck.subject import Code
from minin.gradcheck.subject.arguments import is_float

FEW, MANY, NUMBERS = 30, 250, 20_000  # trials at least and at most; numbers in all of them together


def shrunk(subject: Code, place: int) -> list[Any]:
    """Return the smallest arguments found at which the gradient of one leaf is as wrong as here."""
    inputs = list(subject.inputs)
    wrong = fault(subject, inputs, place)
    seen, numbers = set[tuple[tuple[int, ...], ...]](), 0
    trials = _shorter(inputs) if wrong else iter(())
    while len(seen) < FEW or (len(seen) < MANY and numbers < NUMBERS):
        tried = next(trials, None)
        if tried is None:
            break
        shapes = tuple(x.shape for x in leaves(tried))
        if shapes not in seen:
            seen.add(shapes)
            numbers += sum(x.size for x in leaves(tried))
            fitting = (t for t in _labelled(tried) if fault(subject, t, place) == wrong)
            smaller = next(fitting, None)
            if smaller is not None:
                inputs, trials = smaller, _shorter(smaller)
    return inputs


def leaves(arguments: Any) -> list[Array]:
    """List all arrays among arguments, those inside lists too."""
    if isinstance(arguments, np.ndarray):
        return [arguments]
    inside = arguments if isinstance(arguments, (list, tuple)) else ()
    return [x for part in inside for x in leaves(part)]


def with_leaves(argument: Any, new: Iterator[Array]) -> Any:
    """Put arrays in the places of the arrays, in the order of `leaves`."""
    if isinstance(argument, np.ndarray):
        return next(new)
    if isinstance(argument, (list, tuple)) and leaves(argument):
        parts = [with_leaves(part, new) for part in argument]
        return getattr(argument, "_make", type(argument))(parts)
    return argument


def upstream(shape: tuple[int, ...]) -> Array:
    """Return an upstream gradient that is easily read in sums: 1, 10, 100, 1000, 2, 20, ..."""
    size = int(np.prod(shape, dtype=int))
    return (10.0 ** (np.arange(size) % 4) * (1 + np.arange(size) // 4)).reshape(shape)


def fault(subject: Code, inputs: Sequence[Any], place: int) -> str:
    """Say what is wrong with a gradient at these inputs: its "shape", its "numbers", or ""."""
    try:
        moved = subject.at(inputs)
        outcome = moved.run(moved.base)
        g = upstream(outcome.output.shape)
        grad = np.asarray(moved.run_backward(outcome, g.copy())[place], dtype=float)
        x = moved.base[place]
        if not x.size or not g.size or grad.shape != x.shape:
            return "shape" if x.size and g.size else ""
        directions = [np.zeros_like(b) for b in moved.base]
        directions[place] = 1.0 + np.sqrt(np.arange(x.size) + 2.0).reshape(x.shape)
        true = float(np.sum(g * along(moved.look, moved.base, directions, STEP)))
        came = float(np.sum(grad * directions[place]))
    except Exception:  # the functions do not take such inputs
        return ""
    return "numbers" if abs(true - came) > 1e-4 * max(1.0, abs(true)) else ""


def _shorter(inputs: list[Any]) -> Iterator[list[Any]]:
    """Yield the arguments with some of their lengths made shorter, the shortest first."""
    arrays = leaves(inputs)
    places = [(k, axis) for k, x in enumerate(arrays) for axis in range(x.ndim)]
    at = {n: [p for p in places if arrays[p[0]].shape[p[1]] == n]
          for n in sorted({n for x in arrays for n in x.shape}, reverse=True)}  # fmt: skip
    alone = [{n: [p for p in group if p[1] == 0]} for n, group in at.items()]
    alone += [{arrays[k].shape[axis]: [(k, axis)]} for k, axis in places if is_float(arrays[k])]
    for groups in (at, *alone):
        for length, group in groups.items():
            for shorter in range(1, min(length, 5)):
                for more in _follow(length, shorter, list(at)) if groups is at else ({},):
                    new = dict.fromkeys(group, shorter)
                    new |= {p: short for n, short in more.items() for p in at[n]}
                    cut = [_cut(x, k, new) for k, x in enumerate(arrays)]
                    yield with_leaves(inputs, iter(cut))


def _follow(length: int, shorter: int, lengths: list[int]) -> Iterator[dict[int, int]]:
    """Yield what other lengths become: nothing else, or multiples and sums of the one changed."""
    yield {}
    larger = [n for n in lengths if n > length]
    yield {n: n // length * shorter for n in larger if n % length == 0}
    yield from ({n: n - length + shorter} for n in larger if n - length in lengths)


def _cut(x: Array, k: int, new: dict[tuple[int, int], int]) -> Array:
    return x[tuple(slice(new.get((k, axis))) for axis in range(x.ndim))]


def _labelled(inputs: list[Any]) -> Iterator[list[Any]]:
    """Yield arguments, then with labels in the range of the shortest last axis."""
    yield inputs
    arrays = leaves(inputs)
    if any(x.dtype.kind in "iu" for x in arrays):
        classes = min(
            (x.shape[-1] for x in arrays if x.dtype.kind == "f" and x.ndim > 1), default=1
        )
        new = (x % classes if x.dtype.kind in "iu" else x for x in arrays)
        yield list(with_leaves(inputs, new))
