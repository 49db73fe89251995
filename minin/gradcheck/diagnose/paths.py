"""Is yours the upstream gradient itself, summed or averaged over some axes?"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def reduction(evidence: Evidence) -> Explanation | None:
    """Yours is the upstream gradient summed or averaged over certain axes."""
    if not evidence.usable or not evidence.enough:
        return None
    ndim = min(s.output.ndim for s in evidence.own)
    for count in range(ndim + 1):
        for axes in itertools.combinations(range(ndim), count):
            for mean in (False, True):
                if not axes and mean:
                    continue
                if evidence.holds(partial(_reduce, axes=axes, mean=mean)):
                    return _in_words(evidence, axes, mean)
    return None


def _reduce(comparison: Comparison, axes: tuple[int, ...], mean: bool) -> Array | None:
    if comparison.output.ndim < max(axes, default=-1) + 1:
        return None
    g = comparison.grad_y.mean(axes) if mean else comparison.grad_y.sum(axes)
    g = np.asarray(g)
    if g.size == comparison.x.size:
        return g.reshape(comparison.x.shape)
    kept = np.expand_dims(g, axes)
    try:
        return np.broadcast_to(kept, comparison.x.shape).copy()
    except ValueError:
        return None


def _in_words(evidence: Evidence, axes: tuple[int, ...], mean: bool) -> Explanation:
    if not axes:
        what = sentence("diagnose.not_reduced")
        return Explanation("reduced/not at all", "E3", what, ("H10", "G2"))
    needed = next(
        (
            a
            for n in range(evidence.seen.output.ndim + 1)
            for a in itertools.combinations(range(evidence.seen.output.ndim), n)
            if all(_is_true(s, a) for s in evidence.own)
        ),
        None,
    )
    key = "diagnose.mean" if mean else "diagnose.sum"
    what = sentence("diagnose.reduced", reduction=sentence(key), axes=axes)
    if needed is not None:
        what = sentence("diagnose.reduced_needed", what=what, axes=needed)
    bug = "G5" if mean else "G1"
    if 1 in evidence.seen.x.shape:
        bug = "G3"
    other = "G5" if bug == "G3" else "A2" if mean else "G3"
    return Explanation("reduced", bug, what, (other, "B5"))


def _is_true(comparison: Comparison, axes: tuple[int, ...]) -> bool:
    told = _reduce(comparison, axes, False)
    return told is not None and comparison.is_true(told)
