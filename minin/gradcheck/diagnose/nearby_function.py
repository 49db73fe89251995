"""Is it the true gradient of a nearby function, or at another point?

A backward that turns the kernel once too often returns the exact gradient of a convolution
with a turned kernel. So the slopes are measured again, at a dozen entries, with one of the other
arguments moved about, or with the output in the place of the input; if yours agrees with those
and not with the true ones, that move is the bug.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.moves import flips, splits_of, swaps
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.gradcheck.measure.steps import STEP, Look
from minin.sentences import Phrase, phrase, sentence

COUNT, VARIANTS = 12, 200


class Variant(NamedTuple):
    """Other numbers for the leaves, the bug that makes them, and how to say it."""

    leaves: list[Array]
    bug: str
    also: tuple[str, ...]
    what: Phrase


def variants(
    leaves: Sequence[Array],
    place: int,
    output: Array,
    comparison: Comparison,
    names: Sequence[str],
    filters: Sequence[int],
) -> Iterator[Variant]:
    """Yield the nearby functions that a wrong backward may belong to.

    Args:
        leaves: the arrays at which the program is checked, with their ``names``.
        place: whose gradient is wrong.
        output: of forward.
        comparison: of the wrong gradient.
        names: of the leaves.
        filters: for each leaf the axis of its output channels.
    """
    x = leaves[place]
    if output.shape == x.shape:
        for value, what in (
            (output, phrase("diagnose.at_output")),
            (1 - x, phrase("diagnose.at_one_less")),
            (-x, phrase("diagnose.at_negative")),
        ):
            yield Variant(_with(leaves, place, value), "A13", (), what)
    for other, w in enumerate(leaves):
        if other == place or w.ndim < 2:
            continue
        for move in [*flips(w.shape), *swaps(w.shape)]:
            bug, also = _bug(move.kind, move.axes, w.ndim, filters[other])
            what = phrase("diagnose.for_moved", argument=names[other], move=move.label)
            yield Variant(_with(leaves, other, move.apply(w)), bug, also, what)
        if w.ndim == 4:
            yield from _misread(leaves, other, comparison, names[other])


def _misread(
    leaves: Sequence[Array], other: int, comparison: Comparison, name: str
) -> Iterator[Variant]:
    """Yield the orders in which the numbers of a kernel (O, C, KH, KW) can be misread."""
    w = leaves[other]
    flat = w.reshape(w.shape[0], -1)
    what = phrase("diagnose.for_columns", argument=name)
    for split in splits_of(flat.shape, comparison):
        value = split.apply(flat).reshape(w.shape)
        yield Variant(_with(leaves, other, value), "B4", ("B8",), what)
    turned = w.reshape(w.shape[0], *w.shape[2:], w.shape[1]).transpose(0, 3, 1, 2)
    what = phrase("diagnose.for_channels_last", argument=name)
    yield Variant(_with(leaves, other, turned), "B4", ("B8",), what)
    crossed = w.reshape(*w.shape[:2], w.shape[3], w.shape[2]).swapaxes(2, 3)
    what = phrase("diagnose.for_columns_first", argument=name)
    yield Variant(_with(leaves, other, crossed), "B8", ("B4",), what)


def _with(leaves: Sequence[Array], place: int, value: Array) -> list[Array]:
    return [np.array(value) if k == place else a for k, a in enumerate(leaves)]


def _bug(kind: str, axes: tuple[int, ...], ndim: int, filters: int) -> tuple[str, tuple[str, ...]]:
    """Say which bug it is to move axes about, by where the output channels are."""
    window = {2, 3} if filters == 0 else {0, 1}
    if kind == "flip":
        return ("B3", ("B12",)) if ndim == 4 and set(axes) & window else ("B12", ("B3",))
    if ndim == 2:
        return "B2", ("B1",)
    return ("B8", ("B9",)) if set(axes) == window else ("B9", ("B8",))


def nearby(
    look: Look,
    leaves: Sequence[Array],
    place: int,
    comparisons: Sequence[Comparison],
    names: Sequence[str],
    filters: Sequence[int],
) -> Explanation | None:
    """Find a nearby function whose gradient came instead."""
    here = [s for s in comparisons if s.base == 0 and s.fits]
    if len(here) < 2 or not all(s.wrong.any() for s in here):
        return None
    wrong = np.flatnonzero(here[0].wrong.ravel())
    size = leaves[place].size
    entries = np.unique(
        np.concatenate(
            [wrong[:: max(1, len(wrong) // 8)][:8], np.arange(size)[:: max(1, size // 6)]]
        )
    )[: COUNT + 4]
    if len(entries) * len(here) < 8:
        return None
    for variant in islice(
        variants(leaves, place, here[0].output, here[0], names, filters), VARIANTS
    ):
        if _is_gradient(look, variant.leaves, place, here, entries):
            what = sentence("diagnose.is_that", what=variant.what)
            return Explanation("nearby_function", variant.bug, what, variant.also)
    return None


def _is_gradient(
    look: Look, leaves: list[Array], place: int, comparisons: Sequence[Comparison], entries: Array
) -> bool:
    """Tell whether the gradient that came belongs to these leaves."""
    work = [a.copy() for a in leaves]
    flat = work[place].reshape(-1)
    different = False
    for entry in entries:
        x = flat[entry]
        try:
            flat[entry] = x + STEP
            ahead = look(work)[0]
            flat[entry] = x - STEP
            behind = look(work)[0]
        except Exception:  # outside the function's domain
            return False
        flat[entry] = x
        slope = (ahead - behind) / (2 * STEP)
        for s in comparisons:
            told = float(np.sum(slope * s.grad_y))
            came, true = s.analytic.ravel()[entry], s.numeric.ravel()[entry]
            slack = 1e-5 * (abs(told) + float(np.max(np.abs(s.analytic)))) + s.tolerance
            if not abs(told - came) <= slack:
                return False
            different |= bool(abs(told - true) > 4 * slack)
    return different
