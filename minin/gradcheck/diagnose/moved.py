"""The right contributions in wrong places: another argument, a frozen index, a window elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Known, Law
from minin.gradcheck.diagnose.lost import shared
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import Phrase, phrase


def crosswise(c: Contributions, known: Known) -> Law | None:
    """The gradient of another argument came."""
    for name, other in known.items():
        if name != c.name and other.x.shape == c.x.shape and _same(c.backward, other.forward, c):
            what = phrase("contributions.crosswise", argument=c.name, other=name)
            return Law("contributions", what, None, fix=phrase("contributions.crosswise_fix"))
    return None


def _same(came: Array, told: Array, c: Contributions) -> bool:
    return bool(told.any() and (np.abs(came - told) <= c.slack.max())[c.judged].all())


def frozen(c: Contributions, _: Known) -> Law | None:
    """One index of the output, or one that output and argument share, stands still."""
    right, yours = (m.reshape(c.x.size, *c.output.shape) for m in (c.forward, c.backward))
    for axis, size in enumerate(c.output.shape):
        for index in (0, size - 1) if size > 1 else ():
            told = np.broadcast_to(right.take([index], axis + 1), right.shape)
            if _same(yours.reshape(c.forward.shape), told.reshape(c.forward.shape), c):
                what = phrase("contributions.frozen", axis=axis, index=index)
                fix = phrase("contributions.frozen_fix", axis=axis)
                return Law("contributions", what, None, fix=fix)
    for a, b in shared(c, c.wanted | c.came):
        parts = [_blocks(m, c, a, b) for m in (c.forward, c.backward)]
        for index in (0, c.x.shape[a] - 1):
            if all(_near(part, parts[0][index], c) for part in parts[1]) and parts[1].any():
                what = phrase("contributions.frozen", axis=b, index=index)
                fix = phrase("contributions.frozen_fix", axis=b)
                return Law("contributions", what, None, fix=fix)
    return None


def _near(came: Array, told: Array, c: Contributions) -> bool:
    return bool((np.abs(came - told) <= c.slack.max()).all())


def _blocks(m: Array, c: Contributions, a: int, b: int) -> Array:
    """Return the part of a matrix for each index that argument and output share."""
    whole = np.moveaxis(m.reshape(*c.x.shape, *c.output.shape), (a, c.x.ndim + b), (0, 1))
    return np.stack([whole[k, k] for k in range(c.x.shape[a])])


def windows(c: Contributions, _: Known) -> Law | None:
    """Each contribution goes to another index, by a rule in its own indices."""
    for along_entries in (True, False):
        law = _motion(c, along_entries)
        if law is not None:
            return law
    return None


def _motion(c: Contributions, along_entries: bool) -> Law | None:
    """Fit where contributions go: to another entry, or to another output number."""
    if along_entries:
        right, yours, own, other = c.forward, c.backward, c.entry, c.place
        shape, letters = c.x.shape, ("i", "o")
    else:
        right, yours, own, other = c.forward.T, c.backward.T, c.place, c.entry
        shape, letters = c.output.shape, ("o", "i")
    pairs = _matches(right, yours, float(c.slack.max()))
    if len(pairs) < 6:
        return None
    here, there, column = pairs.T
    if np.array_equal(here, there):
        return None
    features = [(f"{letters[0]}{a}", own[a][here]) for a in range(len(own))]
    features += [(f"{letters[1]}{b}", other[b][column]) for b in range(len(other))]
    starts = _starts(right, own, float(c.slack.max()))
    features += [(f"s{a}", starts[a][column]) for a in range(len(own))]
    fitted = []
    for axis in range(len(own)):
        expression = _fit(own[axis][there], features, f"{letters[0]}{axis}")
        if expression is None:
            return None
        fitted.append(expression)
    if not _explains(right, yours, fitted, own, other, starts, shape, letters, c):
        return None
    moved = [axis for axis, e in enumerate(fitted) if e != ({f"{letters[0]}{axis}": 1.0}, 0.0)]
    return _in_words(moved, fitted, letters)


Expression = tuple[dict[str, float], float]


def _matches(right: Array, yours: Array, slack: float) -> Array:
    """Pair the contributions of each column: from, to, column; equal ones in their own order."""
    found = []
    for column in range(right.shape[1]):
        a, b = (
            np.flatnonzero(np.abs(right[:, column]) > slack),
            np.flatnonzero(np.abs(yours[:, column]) > slack),
        )
        if not len(a) or not len(b):
            continue
        u, v = right[a, column], yours[b, column]
        if len(a) == len(b):
            grid = 1e3 * slack
            first, second = np.lexsort((a, np.round(u / grid))), np.lexsort((b, np.round(v / grid)))
            if (np.abs(u[first] - v[second]) <= 4 * slack).all():
                found += [(a[p], b[q], column) for p, q in zip(first, second, strict=True)]
                continue
        near = np.abs(u[:, None] - v[None, :]) <= 4 * slack
        for p, q in np.argwhere(near):
            if near[p].sum() == 1 == near[:, q].sum():
                found.append((a[p], b[q], column))
    return np.array(found, dtype=int).reshape(-1, 3)


def _starts(right: Array, own: Array, slack: float) -> Array:
    """Return the least index along each axis that each column reaches."""
    used = np.abs(right) > slack
    return np.stack([np.where(used, index[:, None], 10**6).min(axis=0) for index in own])


def _fit(target: Array, features: list[tuple[str, Array]], own: str) -> Expression | None:
    """Write indices as a sum of the fewest features and a number; own first."""
    usable = [(n, f) for n, f in features if np.ptp(f) > 0]
    usable.sort(key=lambda pair: pair[0] != own)
    some = np.unique(np.linspace(0, len(target) - 1, 300).astype(int))
    for count in range(4):
        for chosen in itertools.combinations(usable, count):
            columns = [np.ones(len(target)), *(f for _, f in chosen)]
            matrix = np.stack(columns, axis=1).astype(float)
            if np.linalg.matrix_rank(matrix[some]) < count + 1:
                continue
            found = np.linalg.lstsq(matrix[some], target[some].astype(float), rcond=None)[0]
            if np.max(np.abs(matrix @ found - target)) < 1e-6 and (np.abs(found[1:]) > 1e-6).all():
                named = {
                    n: float(np.round(k, 9)) for (n, _), k in zip(chosen, found[1:], strict=True)
                }
                return named, float(np.round(found[0], 9))
    return None


def _explains(
    right: Array, yours: Array, fitted: list[Expression], own: Array, other: Array, starts: Array,
    shape: tuple[int, ...], letters: tuple[str, str], c: Contributions,
) -> bool:  # fmt: skip
    """Tell whether the expressions give backward's matrix, but for what the border takes."""
    slack = float(c.slack.max())
    here, column = np.nonzero(np.abs(right) > slack)
    values = {f"{letters[0]}{a}": own[a][here] for a in range(len(own))}
    values |= {f"{letters[1]}{b}": other[b][column] for b in range(len(other))}
    values |= {f"s{a}": starts[a][column] for a in range(len(own))}
    told = [sum(k * values[n] for n, k in e.items()) + at for e, at in fitted]
    index = np.stack([np.asarray(t, dtype=float) * np.ones(len(here)) for t in told])
    whole = np.abs(index - np.round(index)).max(axis=0) < 1e-6
    index = np.round(index).astype(int)
    size = np.array(shape)[:, None]
    inside = whole & (index >= 0).all(axis=0) & (index < size).all(axis=0)
    made = np.zeros(right.shape)
    to = np.ravel_multi_index(tuple(index[:, inside]), shape)
    np.add.at(made, (to, column[inside]), right[here[inside], column[inside]])
    there = np.abs(yours) > slack
    close = np.abs(made - yours) <= 8 * slack
    claimed = np.abs(made) > slack
    return bool((close & there).sum() >= 0.6 * there.sum() and close[claimed].mean() >= 0.9)


def _in_words(moved: list[int], fitted: list[Expression], letters: tuple[str, str]) -> Law:
    said: list[Phrase] = [
        phrase("contributions.to_index", index=f"{letters[0]}{axis}", to=_formula(*fitted[axis]))
        for axis in moved
    ]
    text = said[0]
    for more in said[1:]:
        text = phrase("diagnose.and", some=text, last=more)
    fixes = list(dict.fromkeys(_meanings(fitted, moved, letters)))
    what = phrase(
        "contributions.moved" if letters[0] == "i" else "contributions.moved_output", to=text
    )
    return Law("contributions/moved", what, None, fix=phrase(fixes[0]))


def _meanings(
    fitted: list[Expression], moved: list[int], letters: tuple[str, str]
) -> Iterator[str]:
    """Say what each expression betrays: a stride, the spacing in a window, an exchange, a shift."""
    for axis in moved:
        terms, _ = fitted[axis]
        own = terms.get(f"{letters[0]}{axis}", 0.0)
        others = {n for n in terms if n != f"{letters[0]}{axis}"}
        if own == 1.0 and not others:
            yield "contributions.shift_fix"
        elif own == 1.0 and all(n[0] != letters[0] for n in others):
            yield "contributions.stride_fix"
        elif own and own != 1.0 and own > 0:
            yield "contributions.spacing_fix"
        elif own < 0:
            yield "contributions.reversed_fix"
        elif any(n[0] == letters[0] for n in others):
            yield "contributions.exchanged_fix"
        else:
            yield "contributions.index_fix"


def _formula(terms: dict[str, float], constant: float) -> str:
    """Write a sum as people do.

    Example:
        >>> _formula({"i2": 1.0, "o2": -0.5}, 1.0)
        'i2 - o2/2 + 1'
    """
    text = ""
    for name, k in [*terms.items(), ("", constant)]:
        part = Fraction(k).limit_denominator(16)
        if not part:
            continue
        top, bottom = abs(part.numerator), part.denominator
        number = f"{top}*{name}" if name and top != 1 else name or str(top)
        number += f"/{bottom}" if bottom != 1 else ""
        sign = "-" if part < 0 else "+"
        text += f" {sign} {number}" if text else f"{'-' if part < 0 else ''}{number}"
    return text or "0"
