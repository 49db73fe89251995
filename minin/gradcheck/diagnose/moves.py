"""The ways in which numbers get into wrong places, each as a function that keeps the shape."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import NamedTuple

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.dims import kernel
from minin.gradcheck.measure.comparison import Comparison
from minin.sentences import Phrase, phrase


class Move(NamedTuple):
    """A way to move the numbers of an array about, and how to say it.

    Attributes:
        label: what it is; the same at comparisons of other sizes.
        kind: "swap", "flip", "roll", "reshape", "window", "batch" or "mean".
        axes: which axes take part.
        apply: the move itself; keeps the shape.
    """

    label: Phrase
    kind: str
    axes: tuple[int, ...]
    apply: Callable[[Array], Array]


def swaps(shape: tuple[int, ...]) -> Iterator[Move]:
    """Yield the transpositions that keep the shape."""
    if len(shape) > 5:
        return
    for order in itertools.permutations(range(len(shape))):
        moved = tuple(k for k, axis in enumerate(order) if k != axis)
        if moved and tuple(shape[k] for k in order) == shape:
            label = phrase("diagnose.exchanged", axes=_all_of(moved))
            yield Move(label, "swap", moved, partial(np.transpose, axes=order))


def flips(shape: tuple[int, ...]) -> Iterator[Move]:
    """Yield the reversals of one axis or several."""
    long = [k for k, n in enumerate(shape) if n > 1]
    for count in range(1, len(long) + 1):
        for axes in itertools.combinations(long, count):
            along = _all_of(axes)
            label = phrase("diagnose.reversed_axis", axes=along)
            if count > 1:
                label = phrase("diagnose.reversed_axes", axes=along)
            yield Move(label, "flip", axes, partial(np.flip, axis=axes))


def _all_of(axes: tuple[int, ...]) -> object:
    """Name one axis, or several in the words of a language."""
    named: Iterator[object] = iter(axes)
    return reduce(lambda some, last: phrase("diagnose.and", some=some, last=last), named)


def rolls(shape: tuple[int, ...], reach: int) -> Iterator[Move]:
    """Yield shifts of one axis, or of the last two; what falls off comes in again, or 0."""
    last = (len(shape) - 2, len(shape) - 1)
    groups: list[tuple[int, ...]] = [(k,) for k, n in enumerate(shape) if n > 1]
    groups += [last] if len(shape) >= 4 else []
    for axes, by in itertools.product(groups, range(-reach, reach + 1)):
        if by:
            label = phrase("diagnose.shifted", by=f"{by:+d}", axes=_all_of(axes))
            zero = phrase("diagnose.zero_in", move=label)
            inside = phrase("diagnose.but_in", move=label)
            yield Move(label, "roll", axes, partial(_roll, by=by, axes=axes))
            yield Move(zero, "roll", axes, partial(_shift, by=by, axes=axes))
            yield Move(inside, "roll", axes, partial(_shift, by=by, axes=axes, fill=np.nan))


def average(g: Array, axis: int) -> Array:
    """Put the mean along an axis in the place of each number."""
    return np.broadcast_to(g.mean(axis, keepdims=True), g.shape)


def _roll(a: Array, by: int, axes: tuple[int, ...]) -> Array:
    return np.roll(a, (by,) * len(axes), axes)


def _turn(a: Array, order: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    return np.transpose(a, order).reshape(shape)


def _turn_back(a: Array, order: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    return np.asarray(a.reshape(shape).transpose(np.argsort(order)))


def _shift(a: Array, by: int, axes: tuple[int, ...], fill: float = 0.0) -> Array:
    out = np.roll(a, (by,) * len(axes), axes).astype(float)
    for axis in axes:
        edge = slice(0, by) if by > 0 else slice(by, None)
        out[(slice(None),) * axis + (edge,)] = fill
    return out


def reshapes(shape: tuple[int, ...]) -> Iterator[Move]:
    """Yield transposed numbers forced back into the shape by reshape, and the reverse."""
    if not 2 <= len(shape) <= 5 or math.prod(shape) == max(shape):
        return
    for order in itertools.permutations(range(len(shape))):
        turned = tuple(shape[k] for k in order)
        if order == tuple(range(len(shape))) or turned == shape:
            continue
        there = phrase("diagnose.transposed_to", order=order)
        yield Move(there, "reshape", order, partial(_turn, order=order, shape=shape))
        back = phrase("diagnose.reshaped_to", shape=turned)
        yield Move(back, "reshape", order, partial(_turn_back, order=order, shape=turned))


def splits(comparison: Comparison) -> Iterator[Move]:
    """Yield orders of a columns' axis, which is channels x rows x columns of a window."""
    yield from splits_of(comparison.x.shape, comparison)


def splits_of(shape: tuple[int, ...], comparison: Comparison) -> Iterator[Move]:
    """Yield the orders in which a joined axis (C*KH*KW, N*P, H*W) can be misread."""
    window = kernel(comparison)
    batch = max(
        (a.shape[0] for a in comparison.arguments[:1] if isinstance(a, np.ndarray) and a.ndim),
        default=1,
    )
    for axis, size in enumerate(shape if len(shape) < 4 else ()):
        parts: list[tuple[int, ...]] = []
        if window and size % math.prod(window) == 0 and size > math.prod(window):
            parts.append((size // math.prod(window), *window))
        if window and size == math.prod(window) and min(window) > 1:
            parts.append(window)
        if 1 < batch < size and size % batch == 0:
            parts += [(batch, size // batch), (size // batch, batch)]
        for part in parts:
            yield from _split(shape, axis, part)


def crossings(shape: tuple[int, ...]) -> Iterator[Move]:
    """Yield axes that are two joined ones, read in the other order; and parts in another order."""
    found = [list(_crossed(shape, axis)) for axis in range(len(shape))]
    for moves in found:
        yield from moves
    for one, other in itertools.combinations(found, 2):
        for first, second in itertools.product(one[:6], other[:6]):
            label = phrase("diagnose.and", some=first.label, last=second.label)
            axes = first.axes + second.axes
            yield Move(label, "crossed", axes, partial(_both, one=first.apply, other=second.apply))
    for axis, size in enumerate(shape):
        for count in (n for n in (2, 3, 4) if size % n == 0 and size > n):
            cut = (*shape[:axis], count, size // count, *shape[axis + 1 :])
            for order in list(itertools.permutations(range(count)))[1:]:
                label = phrase("diagnose.parts", axis=axis, count=count, order=order)
                apply = partial(_reorder, cut=cut, axis=axis, order=order)
                yield Move(label, "crossed", (axis,), apply)


def _crossed(shape: tuple[int, ...], axis: int) -> Iterator[Move]:
    for first in range(2, shape[axis] // 2 + 1):
        second = shape[axis] // first
        if first * second == shape[axis]:
            cut = (*shape[:axis], first, second, *shape[axis + 1 :])
            label = phrase("diagnose.crossed", axis=axis, first=first, second=second)
            yield Move(label, "crossed", (axis,), partial(_cross, cut=cut, axis=axis))


def _both(a: Array, one: Callable[[Array], Array], other: Callable[[Array], Array]) -> Array:
    return other(one(a))


def _cross(a: Array, cut: tuple[int, ...], axis: int) -> Array:
    return np.asarray(a.reshape(cut).swapaxes(axis, axis + 1).reshape(a.shape))


def _reorder(a: Array, cut: tuple[int, ...], axis: int, order: tuple[int, ...]) -> Array:
    return a.reshape(cut).take(order, axis).reshape(a.shape)


def _split(shape: tuple[int, ...], axis: int, part: tuple[int, ...]) -> Iterator[Move]:
    inner = range(axis, axis + len(part))
    for order in itertools.permutations(range(len(part))):
        if order == tuple(range(len(part))):
            continue

        def apply(a: Array, order: tuple[int, ...] = order) -> Array:
            cut = a.reshape(shape[:axis] + part + shape[axis + 1 :])
            whole = [*range(axis), *(inner[k] for k in order), *range(axis + len(part), cut.ndim)]
            return np.transpose(cut, whole).reshape(shape)

        kind = "window" if len(part) == 3 or axis else "batch"
        label = phrase("diagnose.split", axis=axis, count=len(part), order=order)
        yield Move(label, kind, (axis,), apply)
