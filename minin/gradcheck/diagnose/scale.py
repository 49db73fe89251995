"""Yours is the true gradient times something, and what that something is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.dims import Constant, constants, products
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def factor(comparison: Comparison, mask: Array | None = None) -> float | None:
    """Return c if yours is c times the truth on all judged entries, else None."""
    mask = comparison.trusted if mask is None else mask & comparison.trusted
    truth, came = comparison.numeric[mask], comparison.analytic[mask]
    power = float(truth @ truth)
    if power == 0.0:
        return None
    c = float(came @ truth) / power
    if abs(c) < 1e-9 or not comparison.same(np.where(mask, c * comparison.numeric, np.nan), mask):
        return None
    return c


def scale(evidence: Evidence) -> Explanation | None:
    """One factor everywhere, named after the length that it is."""
    if not evidence.usable or not evidence.enough:
        return None
    return _scale(evidence, evidence.comparisons) or _scale(evidence, evidence.own)


def _scale(evidence: Evidence, comparisons: tuple[Comparison, ...]) -> Explanation | None:
    found = [factor(s) for s in comparisons]
    if any(c is None or abs(c - 1) < 1e-6 for c in found):
        return None
    pairs = [(s, c) for s, c in zip(comparisons, found, strict=True) if c is not None]
    kept = [c for _, c in pairs]
    measured = [s for s in comparisons if s.jacobian is not None]
    if np.allclose(kept, 0.5, rtol=1e-6) and measured and all(map(_doubles, measured)):
        return Explanation("scaled/half", "C4", sentence("diagnose.half"), ("A5",))
    every = pairs + [(s, c) for s in evidence.grown for c in [factor(s)] if c is not None]
    named, sure = _named(evidence, [s for s, _ in every], [c for _, c in every])
    if named:
        return factor_in_words(evidence, named, kept[0], sure)
    if np.ptp(np.abs(kept)) < 1e-6:
        return Explanation(
            "scaled/no name",
            None,
            sentence("diagnose.scaled", factor=f"{kept[0]:.6g}"),
            ("A5",) if evidence.op else (),
            fix=sentence("diagnose.scaled_fix"),
        )
    return _power_of_upstream(comparisons, kept)


def _named(
    evidence: Evidence, comparisons: list[Comparison], found: list[float]
) -> tuple[list[Constant], bool]:
    """Find the names under which a factor goes at all sizes, and whether it is surely the first.

    A name that changed with the sizes as the factor did is sure; one that never changed is not.
    """
    named = names_of(tuple(comparisons), found)
    plain = [k for k in named if k.label in ("-1", "2", "1/2")]
    if plain or (evidence.op is not None and not evidence.grown):
        return plain or named, True
    changed = np.ptp(found) > 1e-6 * abs(found[0])
    if evidence.grown and changed:
        made = [{k.label: k.value for k in products(s)} for s in comparisons]
        fits = (
            k for k in made[0] if np.allclose([m.get(k, np.nan) for m in made], found, rtol=2e-6)
        )
        label = next(fits, None)
        bug = named[0].bug if named else "A4" if averages(evidence.measured) else ""
        named = [Constant(label, found[0], bug)] if label else named[:1]
    return named, changed


def averages(comparisons: Sequence[Comparison]) -> bool:
    """Tell whether forward takes means: every slope that is not 0 is the same share of 1."""
    for s in comparisons:
        j = np.asarray(s.jacobian if s.jacobian is not None else 0.0)
        used = j[np.abs(j) > 1e-7]
        if not used.size or np.ptp(used) > 1e-6 or not 1e-7 < used[0] < 0.9:
            return False
    return bool(comparisons)


def _doubles(comparison: Comparison) -> bool:
    """Tell whether forward adds a number to itself: every slope is 2 or 0."""
    if comparison.jacobian is None:
        return False
    j = comparison.jacobian
    return bool(np.all((np.abs(j - 2) < 1e-6) | (np.abs(j) < 1e-7)))


def factor_in_words(
    evidence: Evidence, named: list[Constant], c: float, sure: bool = True
) -> Explanation:
    """Put a factor that has a name into words."""
    value, (name, *others) = f"{c:.6g}", [k.label for k in named[:3]]
    what = sentence("diagnose.scaled", factor=value)
    if value != name:
        what = sentence(
            "diagnose.scaled_named" if sure else "diagnose.scaled_perhaps", factor=value, name=name
        )
    if others:
        other = reduce(lambda one, last: sentence("diagnose.or", one=one, other=last), others)
        what = sentence("diagnose.scaled_or", what=what, other=other)
    bugs = [b for b in dict.fromkeys(k.bug for k in named) if b]
    if {"A3", "A4"} <= set(bugs) and evidence.op == "avg_pool2d":
        bugs = ["A4", *[b for b in bugs if b != "A4"]]
    fix = "" if bugs else sentence("diagnose.scaled_by_fix", name=name)
    if bugs[:1] == ["A4"] and evidence.op is None:
        fix = sentence("diagnose.count_fix")
    return Explanation("scaled", bugs[0] if bugs else None, what, tuple(bugs[1:]), fix)


def names_of(comparisons: tuple[Comparison, ...], found: list[float]) -> list[Constant]:
    """Find the names under which a factor goes at every comparison."""
    common: list[Constant] | None = None
    for comparison, c in zip(comparisons, found, strict=True):
        close = max(2e-6, comparison.loose / 10) * abs(c)
        here = [k for k in constants(comparison) if abs(k.value - c) < close]
        if common is None:
            common = here
        else:
            labels = {k.label for k in here}
            common = [k for k in common if k.label in labels]
    return common or []


def _power_of_upstream(
    comparisons: tuple[Comparison, ...], found: list[float]
) -> Explanation | None:
    """The upstream gradient of a single number, used twice or not at all, is such a factor."""
    if any(s.output.size != 1 for s in comparisons):
        return None
    g = [float(s.grad_y.ravel()[0]) for s in comparisons]
    if np.allclose(found, g, rtol=1e-5):
        return Explanation("upstream/factor", "A12", sentence("diagnose.times_upstream"))
    if np.allclose(found, 1 / np.asarray(g), rtol=1e-5):
        return Explanation("upstream/factor", "A11", sentence("diagnose.over_upstream"))
    return None
