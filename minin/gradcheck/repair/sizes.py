"""Other sizes at which a program can be tried: all axes as different as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from minin.gradcheck.repair.trials import elsewhere, vary
from minin.gradcheck.subject.arguments import is_float, is_integer
from minin.gradcheck.subject.functions import Code


def other_sizes(
    subject: Code, right: Sequence[str], rng: np.random.Generator, more: int
) -> Code | None:
    """Return the same functions at other sizes, as many of them different as they take.

    Which axes belong together is found by trying: the first of all arguments, each alone, and
    those of one size together. Where backward stops, or a right gradient is not right, forward
    takes more than is meant. An axis of length 1 stays: it may be there to be stretched.

    Args:
        subject: the functions at the caller's inputs.
        right: the arguments whose gradients are right.
        rng: draws numbers.
        more: by how much more than 1 each axis grows at least.
    """
    items = [x for x in subject.inputs if is_float(x) or is_integer(x)]
    if len(items) < len(subject.base) or any(isinstance(x, (list, tuple)) for x in subject.inputs):
        return None
    shapes = [np.shape(x) for x in items]
    axes = [(i, a) for i, s in enumerate(shapes) for a in range(len(s)) if s[a] > 1]
    first = tuple((i, 0) for i, s in enumerate(shapes) if (i, 0) in axes and s[0] == shapes[0][0])
    alike = [tuple(p) for n in (2, 3) for p in combinations(axes, n) if _of_one_size(p, shapes)]
    settings = [*_settings(subject.inputs, ("inputs",)), *_settings(subject.params, ("params",))]
    moves: list[Sequence[Any]] = [
        first,
        *((a,) for a in axes),
        *alike[:60],
        *((s,) for s in settings),
    ]
    for demanding in (True, False):
        grown: dict[Any, int] = {}
        sizes = {n for s in shapes for n in s}
        for move in moves if demanding else moves[: len(moves) - len(settings)]:
            if not move or set(grown) & set(move):
                continue
            size = 0 if move[0] in settings else shapes[move[0][0]][move[0][1]]
            steps = sorted(range(1 + more, 6 + more), key=lambda n: (size + n in sizes, n))
            for by in steps[:3]:
                tried = {**grown, **dict.fromkeys(move, by)}
                found = _at_sizes(subject, tried, rng)
                if found is not None and (not demanding or _keeps(found, right, rng)):
                    grown = tried
                    sizes.add(size + by)
                    break
        if grown:
            return _at_sizes(subject, grown, rng)
    return None


def _keeps(subject: Code, right: Sequence[str], rng: np.random.Generator) -> bool:
    """Tell whether backward runs, and right gradients are right along a direction."""
    trial = elsewhere(subject, right, rng, grown=True, count=1)
    try:
        assert trial is not None
        came = subject.run_backward(subject.run(subject.base), trial.grad_y.copy())
    except Exception:  # the caller's backward does not take such inputs
        return False
    named = dict(zip(subject.names, came, strict=True))
    return all(trial.truths[name].holds(named[name]) for name in right)


def _settings(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """List the ways to the whole numbers among arguments: strides, paddings, sizes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [path]
    pairs: Any = value.items() if isinstance(value, Mapping) else ()
    pairs = enumerate(value) if isinstance(value, (list, tuple)) else pairs
    return [found for key, inner in pairs for found in _settings(inner, (*path, key))]


def _set(value: Any, grown: Mapping[Any, int], path: tuple[Any, ...]) -> Any:
    """Return a setting, or a dictionary of settings, with its whole numbers increased."""
    if isinstance(value, dict):
        return {key: _set(inner, grown, (*path, key)) for key, inner in value.items()}
    return value + grown[path] if path in grown else value


def _of_one_size(axes: Sequence[tuple[int, int]], shapes: Sequence[tuple[int, ...]]) -> bool:
    one_each = len({i for i, _ in axes}) == len(axes)
    return one_each and len({shapes[i][a] for i, a in axes}) == 1


def _at_sizes(subject: Code, grown: Mapping[Any, int], rng: np.random.Generator) -> Code | None:
    """Return the functions at longer axes, None if forward does not take them."""
    inputs, number = [], 0
    for place, x in enumerate(subject.inputs):
        new = _set(x, grown, ("inputs", place))
        if is_float(x) or is_integer(x):
            for axis in range(np.ndim(x)):
                by = grown.get((number, axis), 0)
                more = rng.integers(0, x.shape[axis], size=by)
                new = np.concatenate([new, np.take(new, more, axis)], axis) if by else new
            new = vary(new, rng) if is_float(x) else new
            number += 1
        inputs.append(new)
    try:
        found = subject.at(inputs, _set(subject.params, grown, ("params",)))
        y, _ = found.look(found.base)
    except Exception:  # the caller's forward does not take such inputs
        return None
    return found if np.isfinite(y).all() else None
