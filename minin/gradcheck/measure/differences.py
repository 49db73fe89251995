"""Slopes by differences, with an error bar, and an eye for kinks.

Moving one number of the input by h and looking at *every* number of the output gives one row
of the Jacobian. Once the rows are known, the true gradient for any cotangent is a product, so
a second cotangent costs nothing, and a gradient can be taken apart into what each output number
contributes.

A difference is trusted only where both sides agree: D+ = (f(x+h) - f(x)) / h and
D- = (f(x) - f(x-h)) / h part company at a kink (a ReLU at 0, a tie in a pooling). Where they do,
the step is made smaller; what stays apart is a kink *at* x, and is not judged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin.backend import Array

Branches = tuple[bytes, ...] | None
Look = Callable[[Sequence[Array]], tuple[Array, Branches]]

STEP = float(np.finfo(np.float64).eps) ** (1 / 3)  # 6e-6: rounding and bending in balance
EPS = float(np.finfo(np.float64).eps)
CELLS = 4_000_000  # of a Jacobian that is kept
ENTRIES = 1300  # numbers that are moved one by one, of all arguments together
# How much is measured is counted and never timed: the verdict must not depend on what else the
# machine is doing. A look costs the lines of Python that it runs and the numbers it handles.
WORK = 3_000_000  # lines of Python, for all differences at one set of inputs: about a second
HANDLED = 20  # numbers that take as long as a line
MENDING = 12  # looks an entry, on average, for finding better steps


@dataclass(frozen=True)
class Slopes:
    """What differences know about one argument.

    Attributes:
        entries: flat indices of the numbers that were moved.
        jacobian: the slope of each output number along each entry (entries, outputs).
        gap: D+ - D-, likewise; only rows of kinks are kept, the others are 0.
        kink: for each entry, whether it sits on a kink.
        step: h.
        bends: error of each entry's slopes for want of a smaller step, from h against h/2.
        noise: rounding of each output number (outputs,); over h it is an error of the slope.
        size: of the argument.
        crossed: how many entries lie so close to a kink that a smaller step was needed.
        reach: by how much each entry was really moved.
        touched: how much of an output's rounding concerns an entry (entries, outputs): less
            than 1 where even a far larger step did not move that output.
        checked: the entries whose bend was measured at the entry itself.
    """

    entries: Array
    jacobian: Array
    gap: Array
    kink: Array
    step: float
    bends: Array
    noise: Array
    size: int
    crossed: int
    reach: Array
    touched: Array
    checked: Array

    @property
    def bend(self) -> float:
        """The largest of the bends."""
        return float(np.max(self.bends, initial=0.0))

    @property
    def dense(self) -> bool:
        """Whether every entry was measured."""
        return len(self.entries) == self.size

    def along(self, cotangent: Array) -> Array:
        """Return the true gradient for a cotangent, flat, NaN where nothing was measured."""
        if not len(self.entries):
            return np.full(self.size, np.nan)
        return self._spread(self.jacobian @ cotangent.ravel())

    def sides(self, cotangent: Array) -> tuple[Array, Array]:
        """Return the slopes to the left and to the right of every entry, flat."""
        middle, half = self.jacobian @ cotangent.ravel(), self.gap @ cotangent.ravel() / 2
        return self._spread(middle - half), self._spread(middle + half)

    def kinks(self) -> Array:
        """Return a flat mask of the entries on kinks."""
        mask = np.zeros(self.size, dtype=bool)
        mask[self.entries[self.kink]] = True
        return mask

    def error(self, cotangent: Array) -> float:
        """Return how far off a number of `along` may be: the most of all numbers."""
        bars = self.bars(cotangent)
        return float(np.max(bars[np.isfinite(bars)], initial=0.0))

    def bars(self, cotangent: Array) -> Array:
        """Return how far off each number of `along` may be, flat, NaN where it was not moved."""
        weights = np.abs(cotangent.ravel())
        if not len(self.entries):
            return np.full(self.size, np.nan)
        noise = np.sqrt(self.touched**2 @ (weights * self.noise) ** 2) / self.reach
        return self._spread(2 * noise + 2 * self.bends * float(weights.max(initial=0.0)))

    def terms(self, cotangent: Array) -> Array:
        """Return the sum of the sizes of all terms of each number of `along`, flat."""
        if not len(self.entries):
            return np.full(self.size, np.nan)
        return self._spread(np.abs(self.jacobian) @ np.abs(cotangent.ravel()))

    def _spread(self, values: Array) -> Array:
        full = np.full(self.size, np.nan)
        full[self.entries] = values
        return full


def measure(
    look: Look,
    arrays: Sequence[Array],
    place: int,
    entries: Array,
    step: float = STEP,
    eps: float = EPS,
) -> Slopes:
    """Move the ``entries`` of ``arrays[place]`` one by one; see how every output number moves.

    Example:
        >>> slopes = measure(lambda a: (a[0] ** 2, None), [np.array([1.0, 3.0])], 0, np.arange(2))
        >>> slopes.along(np.array([1.0, 10.0])).round(6)
        array([ 2., 60.])
    """
    if not len(entries):
        none, no, size = np.zeros((0, 0)), np.zeros(0), arrays[place].size
        return Slopes(entries, none, none, entries > 0, step, no, no, size, 0, no, none, no > 0)
    y, branches = look(arrays)
    work = [a.copy() for a in arrays]
    slopes, gaps = np.zeros((len(entries), y.size)), np.zeros((len(entries), y.size))
    kink, steps = np.zeros(len(entries), dtype=bool), np.zeros(len(entries))
    row = _Row(look, work, work[place].reshape(-1), y.ravel(), branches, eps)
    for number, entry in enumerate(entries):
        slopes[number], gaps[number], kink[number], steps[number] = row.slope(int(entry), step)
    reach = steps * np.maximum(1.0, np.abs(row.flat[entries]))
    noise = eps * np.abs(y.ravel()) * 2 + np.finfo(float).tiny
    if eps == EPS:
        noise = np.maximum(noise, _hidden(look, arrays, noise))
    found = Slopes(
        entries, slopes, gaps, kink, step, np.zeros(len(entries)), noise, arrays[place].size,
        row.crossed, reach, np.ones(slopes.shape), np.zeros(len(entries), dtype=bool),
    )  # fmt: skip
    _bends(row, found, steps)
    if eps == EPS:
        _mend(row, found)
    return found


def _hidden(look: Look, arrays: Sequence[Array], noise: Array) -> Array:
    """Return the rounding that y does not show, as where large numbers cancel.

    Along a few steps much too small to bend anything, fourth differences leave rounding alone.
    """
    signs = [np.where(np.arange(a.size).reshape(a.shape) % 3, 1.0, -1.0) for a in arrays]
    try:
        ys = [
            look([a * (1 + 1e-8 * k * s) for a, s in zip(arrays, signs, strict=True)])[0].ravel()
            for k in range(-3, 4)
        ]
    except Exception:  # what it says at other numbers is no matter here
        return noise
    rough = np.max(np.abs(np.diff(np.stack(ys), 4, axis=0)), axis=0) / 4
    found = np.isfinite(rough) & (rough > 2 * noise)
    level = float(rough[found].min()) if 2 * found.sum() > len(rough) else 0.0
    return np.maximum(np.where(found, rough, noise), level)


def _bends(row: _Row, found: Slopes, steps: Array) -> None:
    """Measure bends: at some entries for all, and at each that needed a step of its own."""
    usual = np.flatnonzero(~found.kink & (steps == found.step))
    probe = usual[:: max(1, len(usual) // 6)][:6]
    for number in [*probe, *np.flatnonzero(~found.kink & (steps != found.step))]:
        finer, _ = row.difference(int(found.entries[number]), steps[number] / 2)
        found.bends[number] = np.linalg.norm(finer - found.jacobian[number])
        found.checked[number] = True
    others = usual[~found.checked[usual]]
    found.bends[others] = np.max(found.bends[probe], initial=0.0)


def _mend(row: _Row, found: Slopes) -> None:
    """Look again at the entries whose error bar is not small beside their own slopes."""
    own = np.linalg.norm(found.jacobian, axis=1)
    bar = found.bends + np.linalg.norm(found.noise) / found.reach
    least = 1e-11 * float(np.max(own[~found.kink], initial=0.0))
    best, most = 1.0, row.looks + MENDING * (len(found.entries) + 100)
    for number in np.flatnonzero(~found.kink & (bar > np.maximum(1e-4 * own, least))):
        if row.looks > most:
            return
        best = _look_again(row, found, int(number), best)


def sharpen(look: Look, arrays: Sequence[Array], place: int, found: Slopes, flat: Array) -> bool:
    """Before entries are called wrong: measure the error of each by itself, where it was not.

    Returns:
        Whether anything was measured anew.
    """
    rows = np.flatnonzero(np.isin(found.entries, flat) & ~found.checked & ~found.kink)[:40]
    if not len(rows):
        return False
    y, branches = look(arrays)
    work = [a.copy() for a in arrays]
    row = _Row(look, work, work[place].reshape(-1), y.ravel(), branches)
    for number in rows:
        _look_again(row, found, int(number), 1.0)
    return True


def _look_again(row: _Row, found: Slopes, number: int, best: float) -> float:
    """Measure one entry by itself, with the step that errs least; return how many steps it is."""
    entry, slope = int(found.entries[number]), found.jacobian[number]
    size = max(1.0, abs(float(row.flat[entry])))
    for times in (32768, 1024):
        far, _ = row.tried(entry, times * found.step)
        if far is not None:
            break
    still = np.zeros(len(slope), dtype=bool) if far is None else (far == 0) & (slope == 0)
    found.touched[number, still] = found.reach[number] / (times * found.step * size)
    found.checked[number] = True
    if still.all():  # no output feels this entry at all
        found.bends[number] = 0.0
        return best
    noise = float(np.linalg.norm(found.noise * found.touched[number]))
    least = np.inf
    widest = float(np.max(np.abs(row.flat), initial=0.0))
    small = [abs(float(row.flat[entry])) / size, widest / size]
    own = found.reach[number] / (found.step * size)
    chosen = best
    for times in dict.fromkeys([own, best, 32, 1024, 32768, 1 / 32, 1 / 512, 1 / 4096, *small]):
        step = found.step * times
        coarse, wide = row.tried(entry, step)
        fine, narrow = row.tried(entry, step / 2)
        if coarse is None or fine is None or (times != own and row.broken(coarse, wide, narrow)):
            continue
        bend = float(np.linalg.norm(coarse - fine))
        if bend + noise / (step * size) < least:
            least, chosen = bend + noise / (step * size), times
            found.jacobian[number], found.bends[number] = coarse, bend
            found.reach[number] = step * size
        if least <= 1e-5 * float(np.linalg.norm(found.jacobian[number])):
            break
    return float(chosen)


@dataclass
class _Row:
    """Differences along one entry at a time; ``flat`` is a view into what ``look`` is given."""

    look: Look
    arrays: list[Array]
    flat: Array
    y: Array
    branches: Branches
    eps: float = EPS
    same: bool = True
    crossed: int = 0
    looks: int = 0

    def difference(self, entry: int, step: float) -> tuple[Array, Array]:
        """Return slope and gap of every output number along one entry."""
        self.looks += 2
        x = self.flat[entry]
        h = step * max(1.0, abs(x))
        self.flat[entry] = x + h
        ahead, right = self.look(self.arrays)
        up = self.flat[entry] - x
        self.flat[entry] = x - h
        behind, left = self.look(self.arrays)
        down = x - self.flat[entry]
        self.flat[entry] = x
        self.same = right == self.branches == left
        d_right, d_left = (ahead.ravel() - self.y) / up, (self.y - behind.ravel()) / down
        return (d_right * up + d_left * down) / (up + down), d_right - d_left

    def tried(self, entry: int, step: float) -> tuple[Array | None, Array]:
        """Return `difference`, None where the function says no or its numbers are none."""
        x = self.flat[entry]
        if not step or x + step * max(1.0, abs(x)) == x:
            return None, np.zeros(0)
        try:
            slope, gap = self.difference(entry, step)
        except Exception:  # the step led out of the function's domain
            self.flat[entry] = x
            return None, np.zeros(0)
        return (slope, gap) if self.same and np.isfinite(slope).all() else (None, gap)

    def broken(self, slope: Array, wide: Array, narrow: Array) -> bool:
        """Tell whether the gap of h is still there at h/2, as it is across a kink."""
        gap = float(np.max(np.abs(wide), initial=0.0))
        kept = float(np.max(np.abs(narrow), initial=0.0)) > 0.75 * gap
        return kept and gap > 1e-3 * float(np.max(np.abs(slope), initial=0.0))

    def slope(self, entry: int, step: float) -> tuple[Array, Array, bool, float]:
        """Return slope, gap (0 where smooth), whether it sits on a kink, and the step."""
        first, wide = self.difference(entry, step)
        x, none = abs(float(self.flat[entry])), np.zeros(())
        size = max(1.0, x)
        if not self._bent(first, wide, step * size):
            return first, none, False, step
        same, slope, gap = self.same, first, wide
        finest = [step / 32, step / 512, step / 4096] if self.eps == EPS else [step]
        finest += [step * x] if self.eps == EPS and 0 < x < 1 / 4096 else []
        largest = float(np.max(np.abs([first, wide]), initial=0.0))
        for finer in finest:
            if finer < step / 4096 and self._rounding(finer * size) > 1e-2 * largest:
                continue  # there nothing would be seen but rounding
            slope, gap = self.difference(entry, finer)
            if finer == step / 32 and same and self.same and _shrinks(first, wide, slope, gap):
                return first, none, False, step
            if not self._bent(slope, gap, finer * size):
                self.crossed += 1
                return slope, none, False, finer
        return slope, gap, True, step

    def _rounding(self, h: float) -> float:
        return 40 * self.eps * float(np.max(np.abs(self.y), initial=0.0)) / h

    def _bent(self, slope: Array, gap: Array, h: float) -> bool:
        """Tell whether both sides disagree by more than bending and rounding explain."""
        widest = float(np.max(np.abs(gap), initial=0.0))
        if not self.same:
            return True
        if not np.isfinite(widest):
            return True
        largest = max(float(np.max(np.abs(slope), initial=0.0)), widest / 2)
        noise = self._rounding(h)
        share = 1e-3 if self.eps == EPS else 0.3  # a coarse step bends smooth things too
        return widest > share * largest and widest > noise


def _shrinks(first: Array, wide: Array, slope: Array, gap: Array) -> bool:
    """Tell whether a gap goes with h, as that of a smooth function does, from h to h/32.

    A kink's own gap stays; that of a kink nearby may go, but then the slope itself changes.
    """
    widest = float(np.max(np.abs(wide), initial=0.0))
    if not np.isfinite(widest) or not np.isfinite(gap).all():
        return False
    less = float(np.max(np.abs(gap), initial=0.0)) < 0.1 * widest
    return less and float(np.max(np.abs(first - slope), initial=0.0)) < 0.05 * widest


def along(look: Look, arrays: Sequence[Array], directions: Sequence[Array], step: float) -> Array:
    """Return the slope of every output number when all arrays move along ``directions``."""
    ahead, _ = look([a + step * d for a, d in zip(arrays, directions, strict=True)])
    behind, _ = look([a - step * d for a, d in zip(arrays, directions, strict=True)])
    return np.asarray((ahead - behind) / (2 * step))


def complex_along(look: Look, arrays: Sequence[Array], directions: Sequence[Array]) -> Array | None:
    """Return the same slope by a complex step, exact to rounding; None where it does not work.

    f(x + ih) = f(x) + ih f'(x) + ...: nothing is subtracted, so h can be 1e-20. It needs a
    function that computes with complex numbers as with real ones.
    """
    try:
        out, _ = look([a + 1e-20j * d for a, d in zip(arrays, directions, strict=True)])
    except Exception:  # whatever somebody's function says to complex numbers
        return None
    return np.asarray(out.imag / 1e-20) if np.iscomplexobj(out) else None


def choose_step(look: Look, arrays: Sequence[Array], rng: np.random.Generator) -> float:
    """Find a step at which h and h/2 agree along a random direction.

    The usual step serves nearly always; a function that bends sharply gets a smaller one.
    """
    directions = [rng.choice([-1.0, 1.0], size=a.shape) for a in arrays]
    best, chosen = np.inf, STEP
    for step in (STEP, STEP / 8, STEP / 64):
        coarse = along(look, arrays, directions, step)
        fine = along(look, arrays, directions, step / 2)
        scale = max(float(np.max(np.abs(fine), initial=0.0)), 1e-300)
        off = float(np.max(np.abs(coarse - fine), initial=0.0)) / scale
        if np.isfinite(off) and off < best:
            best, chosen = off, step
        if best < 1e-7:
            break
    return float(chosen)


def pick_entries(
    look: Look, arrays: Sequence[Array], work: int, rng: np.random.Generator
) -> list[Array]:
    """Choose which entries to move: all, if work and memory allow, else corners and some more."""
    y, lines = _counted(look, arrays)
    total = sum(a.size for a in arrays)
    each = 2 * (1 + lines + (total + y.size) // HANDLED)  # both sides of an entry
    most = min(work // each, CELLS // max(1, y.size), ENTRIES)
    if most < 8 * len(arrays) and total > most:
        return [np.arange(0) for _ in arrays]  # random directions have to do
    if total <= most:
        return [np.arange(a.size) for a in arrays]
    small = sorted(a.size for a in arrays)
    share, left = most, len(small)
    for size in small:  # what a small argument does not need, the larger ones get
        if size <= share // left:
            share, left = share - size, left - 1
    return [_some(a.size, max(4, share // max(left, 1)), rng) for a in arrays]


def _counted(look: Look, arrays: Sequence[Array]) -> tuple[Array, int]:
    """Look once; return the output, and how many lines of Python that took."""
    lines, before = 0, sys.gettrace()

    def tracer(_frame: Any, event: str, _arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return tracer

    sys.settrace(tracer)
    try:
        y, _ = look(arrays)
    finally:
        sys.settrace(before)
    return y, lines


def _some(size: int, count: int, rng: np.random.Generator) -> Array:
    if size <= count:
        return np.arange(size)
    ends = np.array([0, size - 1])
    rest = rng.choice(size, size=count - 2, replace=False)
    return np.unique(np.concatenate([ends, rest]))
