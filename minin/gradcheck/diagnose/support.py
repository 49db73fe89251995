"""Where it is wrong, as one rule about a place, and what a rule like that betrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.additive import labels_of
from minin.gradcheck.diagnose.dims import kernel, padding, stride
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import Phrase, phrase, sentence


class Feature(NamedTuple):
    """A rule about entries: what it says of those it picks, and the mask of them."""

    rule: Phrase
    mask: Array


def feeds(comparison: Comparison) -> Array | None:
    """Count the output places (all channels of one place are one) that each entry moves."""
    if comparison.jacobian is None:
        return None
    moved = (np.abs(comparison.jacobian) > 1e-9).reshape(
        comparison.x.size, *comparison.output.shape
    )
    if comparison.output.ndim >= 3:
        moved = moved.any(axis=2)  # channels of the output
    return moved.reshape(comparison.x.size, -1).sum(axis=1).reshape(comparison.x.shape)


def features(comparison: Comparison) -> Iterator[Feature]:
    """Yield the one-sided rules that a wrong backward may follow, the telling ones first."""
    x, g = comparison.x, comparison.grad_y
    if x.min(initial=0) < 0 < x.max(initial=0):
        yield Feature(phrase("diagnose.negative"), x < 0)
        yield Feature(phrase("diagnose.positive"), x > 0)
    if g.shape == x.shape:
        yield Feature(phrase("diagnose.upstream_negative"), g < 0)
        yield Feature(phrase("diagnose.upstream_positive"), g > 0)
        yield Feature(phrase("diagnose.signs_differ"), (g < 0) != (x < 0))
    yield from _of_use(comparison)
    labels = labels_of(comparison)
    if labels is not None:
        own = np.arange(x.shape[1]) == labels[:, None]
        yield Feature(phrase("diagnose.not_label"), ~own)
        yield Feature(phrase("diagnose.label"), own)
    if x.ndim == 4:
        yield from _of_place(comparison)
    for axis, size in enumerate(x.shape):
        if size > 1:
            yield from _of_axis(x.shape, axis, size)


def _of_use(comparison: Comparison) -> Iterator[Feature]:
    count = feeds(comparison)
    if count is not None and count.max(initial=0) > 1:
        yield Feature(phrase("diagnose.feeds_two"), count >= 2)
    if count is not None and count.min(initial=1) == 0:
        yield Feature(phrase("diagnose.feeds_none"), count == 0)
        yield Feature(phrase("diagnose.feeds_one"), count > 0)


def _of_place(comparison: Comparison) -> Iterator[Feature]:
    rows, columns = np.indices(comparison.x.shape)[2:]
    h, w = comparison.x.shape[2:]
    ph, pw = padding(comparison)
    for width_h, width_w in {(ph, pw), (1, 1)} - {(0, 0)}:
        ring = (rows < width_h) | (columns < width_w)
        ring |= (rows >= h - width_h) | (columns >= w - width_w)
        yield Feature(phrase("diagnose.border", width=max(width_h, width_w)), ring)
    window = kernel(comparison)
    if window and comparison.place == 0:
        (kh, kw), (sh, sw) = window, stride(comparison)
        left_h, left_w = (h + 2 * ph - kh) % sh, (w + 2 * pw - kw) % sw
        if left_h or left_w:
            rest = (rows >= h - left_h) | (columns >= w - left_w)
            yield Feature(phrase("diagnose.left_over"), rest)
        if sh * sw > 1:
            yield Feature(phrase("diagnose.off_stride"), (rows % sh != 0) | (columns % sw != 0))


def _of_axis(shape: tuple[int, ...], axis: int, size: int) -> Iterator[Feature]:
    index = np.indices(shape)[axis]
    yield Feature(phrase("diagnose.not_last", axis=axis), index < size - 1)
    yield Feature(phrase("diagnose.last", axis=axis), index == size - 1)
    yield Feature(phrase("diagnose.first", axis=axis), index == 0)
    yield Feature(phrase("diagnose.not_first", axis=axis), index > 0)
    if size > 3:
        yield Feature(phrase("diagnose.odd", axis=axis), index % 2 == 1)
        yield Feature(phrase("diagnose.even", axis=axis), index % 2 == 0)


def quality(comparison: Comparison, mask: Array) -> float:
    """Return the share of a rule's entries that are wrong; 0 if any is wrong outside it."""
    judged, wrong = comparison.trusted, comparison.wrong
    picked = mask & judged & (wrong | (np.abs(comparison.numeric) > comparison.tolerance))
    if (wrong & ~mask).any() or not picked.any() or not (judged & ~mask).any():
        return 0.0
    return float(wrong.sum() / picked.sum())


def best_rule(evidence: Evidence) -> Phrase | None:
    """Return the rule that holds at every comparison with wrong entries, and is tight."""
    comparisons = [s for s in evidence.wrong if s.fits]
    comparisons = [s for s in comparisons if s.jacobian is not None] or comparisons
    if not comparisons:
        return None
    scores: dict[Phrase, list[float]] = {}
    for comparison in comparisons:
        for rule, mask in features(comparison):
            scores.setdefault(rule, []).append(quality(comparison, mask))
    kept = {k: min(v) for k, v in scores.items() if len(v) == len(comparisons) and min(v) > 0.6}
    if not kept:
        return None
    return max(kept, key=lambda k: round(kept[k], 1))  # the first of equals


def rule_of_place(evidence: Evidence) -> Explanation | None:
    """All wrong entries follow one rule, and everything else is exact."""
    if not evidence.usable:
        return None
    rule = best_rule(evidence)
    if rule is None:
        return None
    bug, also = _meaning(rule, evidence)
    kind = "place" if bug else "place/loose"
    return Explanation(kind, bug, _told(rule, evidence), also)


def _told(rule: Phrase, evidence: Evidence) -> str:
    """Say where the wrong entries are, and whether 0 or the upstream gradient stands there."""
    wrong = evidence.wrong
    if all(np.all(np.abs(s.analytic[s.wrong]) <= s.tolerance) for s in wrong):
        return sentence("diagnose.place_zero", rule=rule)
    same = [s for s in wrong if s.grad_y.shape == s.x.shape]
    if same and all(np.allclose(s.analytic[s.wrong], s.grad_y[s.wrong], rtol=1e-6) for s in same):
        return sentence("diagnose.place_upstream", rule=rule)
    return sentence("diagnose.place", rule=rule)


def _meaning(rule: Phrase, evidence: Evidence) -> tuple[str | None, tuple[str, ...]]:
    """Say which bug a rule betrays."""
    key, seen = rule.key, evidence.seen
    image, pooled = seen.x.ndim == 4, selects(seen, evidence.op)
    if key == "diagnose.feeds_two":
        return ("C3", ("C1", "C2")) if pooled else ("C1", ("C2",))
    if key == "diagnose.feeds_none" and not pooled:
        return ("D6", ("D5", "E6")) if image and kernel(seen) else ("E3", ("E6", "E2"))
    if key in ("diagnose.not_last", "diagnose.not_first") and rule != phrase(key, axis=0):
        return None, ()
    if key in ("diagnose.last", "diagnose.first") and not image:
        return None, ()
    return _BUGS.get(key, (None, ()))


_BUGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "diagnose.not_label": ("F2", ("F3",)),
    "diagnose.feeds_none": ("E6", ("E4",)),
    "diagnose.upstream_negative": ("E2", ("E3",)),
    "diagnose.upstream_positive": ("E2", ("E3",)),
    "diagnose.signs_differ": ("E2", ("E3",)),
    "diagnose.negative": ("E3", ("E2",)),
    "diagnose.border": ("D5", ("D3", "D6")),
    "diagnose.left_over": ("D6", ("D5",)),
    "diagnose.off_stride": ("D1", ("D2",)),
    "diagnose.odd": ("D1", ("D2",)),
    "diagnose.even": ("D1", ("D2",)),
    "diagnose.not_last": ("C5", ("B11",)),
    "diagnose.not_first": ("C5", ("B11",)),
    "diagnose.last": ("D6", ("D3", "D5")),
    "diagnose.first": ("D6", ("D3", "D5")),
}


def selects(comparison: Comparison, op: str | None) -> bool:
    """Tell whether forward picks winners: every slope is 0 or 1, and the shape stays an image."""
    if op is not None:
        return op == "max_pool2d"
    if comparison.jacobian is None or comparison.output.ndim != 4 or comparison.x.ndim != 4:
        return False
    j = comparison.jacobian
    return bool(np.all((np.abs(j) < 1e-7) | (np.abs(j - 1) < 1e-6)))
