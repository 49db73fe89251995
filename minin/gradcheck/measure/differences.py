"""Slopes by differences, with an error bar, and an eye for kinks.

Moving one number of the input by h and looking at *every* number of the output gives one row
of the Jacobian. Once the rows are known, the true gradient for any upstream gradient is a
product, so a second upstream gradient costs nothing, and a gradient can be taken apart into what
each output number contributes.

A difference is trusted only where both sides agree: D+ = (f(x+h) - f(x)) / h and
D- = (f(x) - f(x-h)) / h part company at a kink (a ReLU at 0, a tie in a pooling). Where they do,
the step is made smaller; what stays apart is a kink *at* x, and is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.measure.steps import EPS, STEP, Branches, Look

MENDING = 12  # looks an entry, on average, for finding better steps


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
        noise = np.maximum(noise, _hidden_rounding(look, arrays, noise))
    found = Slopes(
        entries, slopes, gaps, kink, step, np.zeros(len(entries)), noise, arrays[place].size,
        row.crossed, reach, np.ones(slopes.shape), np.zeros(len(entries), dtype=bool),
    )  # fmt: skip
    _bends(row, found, steps)
    if eps == EPS:
        _measure_again(row, found)
    return found


def _hidden_rounding(look: Look, arrays: Sequence[Array], noise: Array) -> Array:
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


def _measure_again(row: _Row, found: Slopes) -> None:
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
        Whether anything was measured again.
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
        far, _ = row.try_difference(entry, times * found.step)
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
        coarse, wide = row.try_difference(entry, step)
        fine, narrow = row.try_difference(entry, step / 2)
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

    def try_difference(self, entry: int, step: float) -> tuple[Array | None, Array]:
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
