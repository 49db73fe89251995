"""The gradient of a known bug, number for number.

Where the operation is known, its reference computes the gradient with each known bug switched
on. A gradient that equals one of them at every probe, and not the truth, is that bug.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def known(evidence: Evidence) -> Explanation | None:
    """Identical to the reference with one bug switched on, at every probe."""
    if not evidence.matches or len(evidence.comparisons) < 2 or not evidence.wrong:
        return None
    switches = set.intersection(*(set(m) for m in evidence.matches))
    pairs = list(zip(evidence.comparisons, evidence.matches, strict=True))
    found = [
        switch
        for switch in evidence.matches[0]
        if switch in switches and all(_is(s, m[switch]) for s, m in pairs)
    ]
    found = [w for w in found if any(_tells(s, m[w]) for s, m in pairs)]
    if not found:
        return None
    bugs = list(dict.fromkeys(switch.split()[0] for switch in found))
    first = bugs[0]
    return Explanation(
        "known_bug", first, sentence("diagnose.known_bug", op=evidence.op), tuple(bugs[1:])
    )


def _is(comparison: Comparison, candidate: object) -> bool:
    """Tell whether a candidate is what came, shape and missing ones included."""
    came = comparison.analytic
    if isinstance(candidate, Exception) or isinstance(came, Exception):
        return isinstance(candidate, Exception) and type(candidate) is type(came)
    if not isinstance(candidate, np.ndarray) or not isinstance(came, np.ndarray):
        return not isinstance(candidate, np.ndarray) and not isinstance(came, np.ndarray)
    if candidate.shape != came.shape:
        return False
    scale = float(np.max(np.abs(came), where=np.isfinite(came), initial=0.0))
    slack = max(1e-8, comparison.loose / 30) * scale + 1e-12
    return bool(np.allclose(came, candidate, rtol=0, atol=slack, equal_nan=True))


def _tells(comparison: Comparison, candidate: object) -> bool:
    """Tell whether a candidate is anything else than the truth."""
    if not isinstance(candidate, np.ndarray) or candidate.shape != comparison.x.shape:
        return True
    return not comparison.is_true(candidate)
