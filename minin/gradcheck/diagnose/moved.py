"""The right contributions in wrong places: another argument, a frozen index, a window elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Law
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import Phrase, phrase


def _same(came: Array, told: Array, c: Contributions) -> bool:
    return bool(told.any() and (np.abs(came - told) <= c.slack.max())[c.judged].all())


def frozen(c: Contributions) -> Law | None:
    """One index of the output, or one that output and argument share, stands still."""
    right, yours = (m.reshape(c.x.size, *c.output.shape) for m in (c.forward, c.backward))
    for axis, size in enumerate(c.output.shape):
        for index in (0, size - 1) if size > 1 else ():
            told = np.broadcast_to(right.take([index], axis + 1), right.shape)
            if _same(yours.reshape(c.forward.shape), told.reshape(c.forward.shape), c):
                what = phrase("contributions.frozen", axis=axis, index=index)
                fix = phrase("contributions.frozen_fix", axis=axis)
                return Law("contributions", what, None, fix=fix)
    for a, b in c.shared(c.wanted | c.came):
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


def windows(c: Contributions) -> Law | None:
    """Each contribution goes to another index, by a rule in its own indices."""
    for along_entries in (True, False):
        law = _motion(c, along_entries)
        if law is not None:
            return law
    return _cells(c)


def _cells(c: Contributions) -> Law | None:
    """Inside each window, what belongs to one cell goes to another, always to the same."""
    pairs = _matches(c.forward, c.backward, float(c.slack.max()), full=True)
    count = c.wanted.sum(axis=0)
    if len(pairs) < max(6, 0.6 * count[count == count.max()].sum()):
        return None
    here, there, column = pairs.T
    for starts in (_windows(c), _starts(c.forward, c.entry, float(c.slack.max()))):
        if starts is None:
            continue
        axes = [a for a in range(c.x.ndim) if np.ptp(c.entry[a][here] - starts[a][column])]
        if len(axes) != 2:
            continue
        own, other = (
            np.stack([c.entry[a][k] - starts[a][column] for a in axes]) for k in (here, there)
        )
        kept = [a for a in range(c.x.ndim) if a not in axes]
        if any((c.entry[a][here] != c.entry[a][there]).any() for a in kept):
            continue
        steps = list(zip(map(tuple, own.T.tolist()), map(tuple, other.T.tolist()), strict=True))
        cells = dict(steps)
        always = all(cells[p] == q for p, q in steps)
        if always and len(cells) > 2 and any(p != q for p, q in cells.items()):
            return _cells_in_words(c, cells)
    return None


def _cells_in_words(c: Contributions, cells: dict[tuple[int, ...], tuple[int, ...]]) -> Law:
    """Say what the cells of a window are exchanged for."""
    picks = bool(c.wanted.sum(axis=0).max() == 1 and np.ptp(c.forward[c.wanted]) < 1e-6)
    height, width = (max(p[k] for p in cells) + 1 for k in (0, 1))
    for said, rule in (
        (phrase("contributions.cells_exchanged"), lambda r, q: (q, r)),
        (phrase("contributions.cells_by_height"), lambda r, q: divmod(r * width + q, height)),
        (phrase("contributions.cells_by_column"), lambda r, q: divmod(r * width + q, height)[::-1]),
    ):
        if all(q == rule(*p) for p, q in cells.items()):
            bug = "B10" if picks else None
            return Law("contributions/moved", said, bug, fix=phrase("contributions.exchanged_fix"))
    one, other = next((p, q) for p, q in cells.items() if p != q)
    what = phrase("contributions.cells", one=one, other=other)
    return Law("contributions/moved", what, None, fix=phrase("contributions.cells_fix"))


def _windows(c: Contributions) -> Array | None:
    """Find where each output number's window starts: as far along an axis as its own index says."""
    starts = np.zeros((c.x.ndim, c.output.size), dtype=int)
    for a in range(c.x.ndim):
        found = [k for b in range(c.output.ndim) for k in _start(c, a, b)]
        if len(found) != 1:
            return None
        starts[a] = found[0]
    return starts


def _start(c: Contributions, a: int, b: int) -> Iterator[Array]:
    """Yield the starts along one axis if they are a line in an output's index, and narrow."""
    i, o = np.nonzero(c.wanted)
    low, high = np.full(c.output.shape[b], 10**6), np.full(c.output.shape[b], -1)
    np.minimum.at(low, c.place[b][o], c.entry[a][i])
    np.maximum.at(high, c.place[b][o], c.entry[a][i])
    if len(low) < 2 or (high < 0).any():
        return
    index = np.arange(len(low))
    for step in range(1, c.x.shape[a] // len(low) + 2):
        first = int((low - step * index).min())
        width = int((high - step * index).max()) - first + 1
        if width <= step and first >= 0:
            yield first + step * c.place[b]
            return


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


# The bug that a move betrays, where an operation can have it.
BUGS = {
    "contributions.shift_fix": "D3",
    "contributions.stride_fix": "D1",
    "contributions.turned_fix": "B3",
}
Expression = tuple[dict[str, float], float]


def _matches(right: Array, yours: Array, slack: float, full: bool = False) -> Array:
    """Pair the contributions of each column: from, to, column; equal ones in their own order."""
    found = []
    count = (np.abs(right) > slack).sum(axis=0)
    for column in np.flatnonzero((count == count.max()) | (not full)):  # the border takes from some
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
    return Law("contributions/moved", what, BUGS.get(fixes[0]), fix=phrase(fixes[0]))


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
        elif own > 0:
            inside = letters[0] == "i"
            yield "contributions.spacing_fix" if inside else "contributions.stride_fix"
        elif own < 0:
            yield "contributions.turned_fix" if others else "contributions.reversed_fix"
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
