"""Right at the caller's numbers, wrong at others of the same shapes: what was kept, or what fits.

A mask that is made once for each shape, or a mask with a tolerance, is right at the first inputs.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def other_numbers(evidence: Evidence) -> Explanation | None:
    """Explain a gradient that is wrong only at other numbers of the caller's shapes."""
    first = evidence.comparisons[0]
    if not evidence.usable or evidence.seen.base == 0 or evidence.seen.x.shape != first.x.shape:
        return None
    if evidence.seen.output.shape != first.output.shape:
        return None
    came, true = evidence.seen.analytic == 0, evidence.seen.numeric == 0
    if np.array_equal(came, first.analytic == 0) and not np.array_equal(came, true):
        return Explanation("harness", "H9", sentence("diagnose.kept_mask"))
    what, fix = sentence("diagnose.other_numbers"), sentence("diagnose.other_numbers_fix")
    return Explanation("harness", None, what, fix=fix)
