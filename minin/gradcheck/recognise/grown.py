"""The same functions at longer axes: what a factor is a function of shows as the sizes change.

Nothing need be known of the operation: an axis is made longer wherever it occurs, as far as the
caller's forward takes it; lengths that are equal by chance are told apart by trying each alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.compare import compare
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.differences import measure
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.subject.functions import Code

TRIES, MOST = 6, 9  # of groups of equal axes, and of inputs that are kept
SHORTER = 6  # axes that are cut
Axes = tuple[tuple[int, int], ...]
ENTRIES = 6  # that are measured at each


def at_grown(subject: Any, place: int, rng: np.random.Generator) -> tuple[Comparison, ...]:
    """Compare one argument's gradient at inputs with one axis, or one setting, changed."""
    if subject.graph:
        return ()
    found = []
    for number, moved in enumerate(itertools.islice(_moved(subject), MOST), 100):
        y = moved.look(moved.base)[0]
        sizes = [b.size for b in moved.base]
        entries = [np.arange(0) for _ in sizes]
        entries[place] = np.unique(np.linspace(0, sizes[place] - 1, ENTRIES).astype(int))
        slopes = [measure(moved.look, moved.base, k, e) for k, e in enumerate(entries)]
        comparison = compare(moved, slopes, draw_upstream(y.shape, rng), number)[place]
        if comparison.fits and np.isfinite(comparison.analytic).all():
            found.append(comparison)
    return tuple(found)


def at_shorter(subject: Any) -> Iterator[Code]:
    """Yield the same functions at smaller and smaller inputs, one axis at a time cut in half."""
    done: set[Axes] = set()
    for _ in range(0 if subject.graph else SHORTER):
        axes = sorted(_axes(subject), key=lambda axis: -axis[2])
        tries = (g for g in _groups([a for a in axes if a[2] > 2]) if g not in done)
        found = next(_that_run(subject, list(itertools.islice(tries, 60)), _half), None)
        if found is None:
            return
        done.add(found[0])
        subject = found[1]
        yield subject


def _axes(subject: Code) -> list[tuple[int, int, int]]:
    return [
        (k, axis, n)
        for k, x in enumerate(subject.inputs)
        if isinstance(x, np.ndarray)
        for axis, n in enumerate(x.shape)
    ]


def _groups(axes: list[tuple[int, int, int]]) -> Iterator[Axes]:
    """Yield each axis alone, then with one or two others of its length."""
    for place, (k, axis, n) in enumerate(axes):
        equal = [(j, b) for j, b, m in axes[place + 1 :] if m == n and j != k]
        for count in range(min(3, len(equal) + 1)):
            for more in itertools.islice(itertools.combinations(equal, count), TRIES):
                yield ((k, axis), *more)


def _moved(subject: Code) -> Iterator[Code]:
    """Yield the subject at other sizes and settings that its forward takes."""
    done: set[tuple[int, int]] = set()
    for group in _groups(_axes(subject)):
        if group[0] not in done:
            for _, moved in _that_run(subject, [group], _longer):
                done |= set(group)
                yield moved
    for inputs, params in _other_settings(subject):
        yield from _if_it_runs(subject, inputs, params)


def _that_run(
    subject: Code, groups: Sequence[Axes], change: Callable[[Array, int], Array]
) -> Iterator[tuple[Axes, Code]]:
    """Yield the groups of axes that can be changed together, and the subject there."""
    for group in groups:
        inputs = list(subject.inputs)
        for k, axis in group:
            inputs[k] = change(inputs[k], axis)
        for moved in _if_it_runs(subject, inputs, subject.params):
            yield group, moved


def _longer(x: Array, axis: int) -> Array:
    more = x.take(range(min(2, x.shape[axis])), axis)
    more = more * 1.3 + 0.1 if x.dtype.kind == "f" else more
    return np.concatenate([x, more], axis)


def _half(x: Array, axis: int) -> Array:
    return x.take(range((x.shape[axis] + 1) // 2), axis)


def _other_settings(subject: Code) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Yield inputs and parameters with one number changed."""
    for name, value in subject.params.items():
        for other in _others(value):
            yield list(subject.inputs), {**subject.params, name: other}
    for k, value in enumerate(subject.inputs):
        for other in _others(value):
            yield [*subject.inputs[:k], other, *subject.inputs[k + 1 :]], dict(subject.params)


def _others(value: Any) -> Iterator[Any]:
    """Yield other values of a setting: a share moves, a count is one more."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from ({**value, name: other} for other in _others(inner))
    elif isinstance(value, float) and 0 < value < 1:
        yield 0.7 * value + 0.1
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < 6:
        yield value + 1


def _if_it_runs(subject: Code, inputs: list[Any], params: Mapping[str, Any]) -> Iterator[Code]:
    """Yield the subject there if forward and backward run, and give numbers."""
    try:
        moved = subject.at(inputs, params)
        run = moved.run(moved.base)
        moved.run_backward(run, np.ones(run.output.shape))
        if np.isfinite(run.output).all():
            yield moved
    except Exception:  # the caller's functions do not take such inputs
        return


def lengths(comparison: Comparison) -> dict[str, float]:
    """Return the lengths that a factor may be made of, as a program writes them."""
    found: dict[str, float] = {}
    names = comparison.call.names if comparison.call is not None else ()
    arrays: list[tuple[str, Array]] = [
        (name, a)
        for name, a in zip(names, comparison.arguments, strict=False)
        if isinstance(a, np.ndarray)
    ]
    for name, a in [*arrays, ("y", comparison.output)]:
        for axis, n in enumerate(a.shape):
            if n > 1:
                found[f"{name}.shape[{axis}]"] = float(n)
    return found
