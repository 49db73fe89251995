"""Something is added that does not belong there, or missing: what is it made of?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import Phrase, phrase, sentence


def additive(evidence: Evidence) -> Explanation | None:
    """Yours minus the truth is a multiple of one known array, at every comparison."""
    if not evidence.usable or not evidence.enough:
        return None
    labels = [label for label, _ in terms(evidence.wrong[0])]
    for label in labels:
        found = [_multiple(s, label) for s in evidence.own]
        if any(c is None for c in found) or not any(found):
            continue
        c = found[0] or 0.0
        bug, also = _BUGS[label.key]
        what = sentence("diagnose.added", factor=f"{c:.4g}", term=label)
        return Explanation("added", bug, what, (also,))
    return None


def terms(comparison: Comparison) -> Iterator[tuple[Phrase, Array]]:
    """Yield the arrays that are easily added by mistake, each with its name."""
    x, g = comparison.x, comparison.grad_y
    labels = labels_of(comparison)
    if labels is not None:
        one_hot = np.zeros(x.shape)
        one_hot[np.arange(len(labels)), labels] = 1.0
        up = g if g.ndim == 0 or g.size == 1 else g.reshape(-1, 1) if g.size == len(labels) else 1
        yield phrase("diagnose.one_hot"), one_hot * up
        columns = np.zeros(x.shape)
        for label in labels:
            columns[:, label] += 1.0
        yield phrase("diagnose.columns"), (np.minimum(columns, 1.0) - one_hot) * up
        yield phrase("diagnose.columns_by_row"), (columns - one_hot) * up
        for by in (1, -1):
            next_label, next_row = (np.roll(one_hot, by, axis) - one_hot for axis in (1, 0))
            yield phrase("diagnose.next_label", by=f"{by:+d}"), next_label * up
            yield phrase("diagnose.next_row", by=f"{by:+d}"), next_row * up
        yield phrase("diagnose.reversed"), (one_hot[::-1] - one_hot) * up
    yield phrase("diagnose.argument"), x
    yield phrase("diagnose.signs"), np.sign(x)
    yield phrase("diagnose.one"), np.ones(x.shape)
    if g.shape == x.shape:
        yield phrase("diagnose.upstream"), g
    if comparison.output.shape == x.shape:
        yield phrase("diagnose.output"), comparison.output


def labels_of(comparison: Comparison) -> Array | None:
    """Find integer labels, one a row of a two-axis argument."""
    if comparison.x.ndim != 2:
        return None
    for a in comparison.arguments:
        if isinstance(a, np.ndarray) and a.dtype.kind in "iu" and a.shape == comparison.x.shape[:1]:
            return a if a.size and a.min() >= 0 and a.max() < comparison.x.shape[1] else None
    return None


def _multiple(comparison: Comparison, label: Phrase) -> float | None:
    """Return c if yours - true = c x the term; 0 where yours is right; None if it is not."""
    term = next((t for name, t in terms(comparison) if name == label), None)
    if term is None:
        return None
    mask = comparison.trusted
    off, t = (comparison.analytic - comparison.numeric)[mask], term[mask]
    power = float(t @ t)
    c = float(off @ t) / power if power else 0.0
    return c if comparison.same(comparison.numeric + c * term) else None


# The bug that a term betrays, and the next.
_BUGS: dict[str, tuple[str, str]] = {
    "diagnose.one_hot": ("F3", "F4"),
    "diagnose.columns": ("F4", "F3"),
    "diagnose.columns_by_row": ("F4", "F3"),
    "diagnose.next_label": ("B11", "F3"),
    "diagnose.next_row": ("B11", "F3"),
    "diagnose.reversed": ("B11", "F3"),
    "diagnose.argument": ("A5", "A14"),
    "diagnose.signs": ("A5", "A11"),
    "diagnose.one": ("A5", "A11"),
    "diagnose.upstream": ("A5", "A11"),
    "diagnose.output": ("A5", "A11"),
}
