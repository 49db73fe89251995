"""Which contributions a rule picks, told in the indices of the argument and of the output.

A contribution is a pair: an entry of the argument and an output number. `i1` is the entry's index
along axis 1 of the argument, `o1` the output number's index along axis 1 of the output.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import Phrase, phrase


class Rule(NamedTuple):
    """A rule about pairs: of which sort it is, what it says, and the axes that it is about."""

    sort: str
    said: Phrase
    axes: tuple[int, ...] = ()


def rule_of(c: Contributions, picked: Array, among: Array) -> Rule | None:
    """Find the simplest rule that picks exactly these pairs among those."""
    if not picked.any() or np.array_equal(picked, among):
        return None
    rules = itertools.chain(
        _by_index(c.place[:, None, :], c.output.shape, picked, among, "o"),
        _by_index(c.entry[:, :, None], c.x.shape, picked, among, "i"),
        _by_relation(c, picked, among),
        _by_order(c, picked, among),
        _by_number(c, picked, among),
    )
    return next(rules, None)


def _by_index(
    index: Array, shape: tuple[int, ...], picked: Array, among: Array, letter: str
) -> Iterator[Rule]:
    """Yield the rule that picks all with certain indices along one axis, or along some axes."""
    found, said = np.zeros(picked.shape, dtype=bool), []
    for axis, size in enumerate(shape):
        at = np.broadcast_to(index[axis], picked.shape)
        kept = np.bincount(at[among & ~picked], minlength=size) > 0
        chosen = (np.bincount(at[picked], minlength=size) > 0) & ~kept
        if size < 2 or not chosen.any():
            continue
        found |= among & chosen[at]
        said.append(_index_in_words(chosen, f"{letter}{axis}"))
        if np.array_equal(picked, among & chosen[at]):
            yield Rule(_sort(chosen, letter), said[-1], (axis,))
    if np.array_equal(picked, found) and len(said) > 1:
        words = reduce(lambda one, last: phrase("diagnose.or", one=one, other=last), said)
        yield Rule("index", words)


def _sort(chosen: Array, letter: str) -> str:
    if letter == "o" and chosen.sum() == len(chosen) - 1 and not (chosen[0] and chosen[-1]):
        return "output/but last" if chosen[0] else "output/but first"
    return "index"


def _index_in_words(chosen: Array, index: str) -> Phrase:
    numbers = np.flatnonzero(chosen)
    if len(numbers) == 1:
        return phrase("contributions.at", index=index, number=numbers[0])
    low, high, last = int(numbers[0]), int(numbers[-1]), len(chosen) - 1
    if len(numbers) == high - low + 1 and low == 0:
        return phrase("contributions.up_to", index=index, last=high)
    if len(numbers) == high - low + 1 and high == last:
        return phrase("contributions.from", index=index, first=low)
    listed = ", ".join(map(str, numbers[:6])) + (", ..." if len(numbers) > 6 else "")
    return phrase("contributions.among", index=index, numbers=listed)


def _by_relation(c: Contributions, picked: Array, among: Array) -> Iterator[Rule]:
    """Yield rules that compare an index of the entry with one of the output number."""
    for a, b in itertools.product(range(c.x.ndim), range(c.output.ndim)):
        apart = c.place[b][None, :] - c.entry[a][:, None]
        for mask, rule in (
            (apart != 0, Rule("relation", phrase("contributions.other", a=a, b=b), (a, b))),
            (apart > 0, Rule("relation", phrase("contributions.later", a=a, b=b), (a, b))),
            (apart < 0, Rule("relation", phrase("contributions.earlier", a=a, b=b), (a, b))),
        ):
            if np.array_equal(picked, among & mask):
                yield rule
                break


def _by_order(c: Contributions, picked: Array, among: Array) -> Iterator[Rule]:
    """Yield the order in which all contributions to an entry but the last are picked."""
    kept = among & ~picked
    if not kept.any(axis=1)[among.any(axis=1)].all():
        return
    order = _order(c, kept, among, ())
    if order:
        named = ", ".join(f"{'' if sign > 0 else '-'}o{axis}" for axis, sign in order)
        yield Rule("overwritten", phrase("contributions.overwritten", order=named))


def _order(
    c: Contributions, kept: Array, left: Array, order: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...] | None:
    """Find axes and directions whose last index, one axis after the other, is what was kept."""
    if np.array_equal(kept, left):
        return order
    used = {axis for axis, _ in order}
    for axis, sign in itertools.product(range(c.output.ndim), (1, -1)):
        if axis in used:
            continue
        rank = np.where(left, sign * c.place[axis][None, :], -(10**9))
        last = left & (rank == rank.max(axis=1, keepdims=True))
        if (kept & ~last).any() or np.array_equal(last, left):
            continue
        found = _order(c, kept, last, (*order, (axis, sign)))
        if found:
            return found
    return None


def _by_number(c: Contributions, picked: Array, among: Array) -> Iterator[Rule]:
    """Yield rules about a number at the output's place, or at the entry: above a limit or below."""
    for axis, shape in ((0, c.output.shape), (1, c.x.shape)):
        seen, hit = among.any(axis=axis), picked.any(axis=axis)
        if not np.array_equal(picked, among & np.expand_dims(hit, axis)):
            continue
        for name, numbers in numbers_at(c, shape):
            said = side(c, name, numbers.ravel()[seen], hit[seen])
            if said is not None:
                yield Rule("number", said)


def numbers_at(c: Contributions, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Yield the numbers that are known at each place of an array of this shape."""
    known = {n: a for n, a in c.arguments.items() if a.dtype.kind in "fiu" and a.shape == shape}
    if c.output.shape == shape:
        known["y"] = c.output
    yield from known.items()
    for (one, a), (other, b) in itertools.combinations(known.items(), 2):
        yield f"({one} - {other})", a - b
    for name, a in known.items():
        yield f"|{name}|", np.abs(a)
    for (one, a), (other, b) in itertools.combinations(known.items(), 2):
        yield f"|{one} - {other}|", np.abs(a - b)


def side(c: Contributions, name: str, numbers: Array, hit: Array) -> Phrase | None:
    """Say on which side of a limit the numbers lie that were hit; None if on both."""
    if not 2 <= hit.sum() <= len(hit) - 2 or len(hit) < 8:
        return None
    yes, no = numbers[hit], numbers[~hit]
    if yes.min() > no.max():
        return phrase("contributions.above", name=name, limit=_limit(c, no.max(), yes.min()))
    if yes.max() < no.min():
        return phrase("contributions.below", name=name, limit=_limit(c, yes.max(), no.min()))
    return None


def _limit(c: Contributions, low: float, high: float) -> str:
    """Choose a number between two: 0, a setting, or the roundest."""
    if low <= 0 <= high:
        return "0"
    for name, value in c.settings.items():
        if isinstance(value, float) and low <= value <= high:
            return name
    digits = next((k for k in range(6) if low <= round((low + high) / 2, k) <= high), 9)
    return f"{round((low + high) / 2, digits):.6g}"


def named(c: Contributions, number: float) -> str:
    """Write a number, and the setting that it is.

    Only a setting that is no whole number names it: those are many things at once.
    """
    for name, value in c.settings.items():
        if isinstance(value, float) and value not in (0.0, 1.0):
            for label, known in (
                (name, value),
                (f"1/{name}", 1 / value),
                (f"1 - {name}", 1 - value),
            ):
                if abs(known - number) <= 1e-5 * abs(number):
                    return f"{number:.5g} = {label}"
    return f"{number:.5g}"
