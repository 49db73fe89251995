"""How the gradient answers other upstream gradients; no difference is needed for it.

The gradient is linear in what comes in: 0 for 0, twice for twice. One that does not follow at
all, or follows with the square, says which line to look at.
"""

from __future__ import annotations

import numpy as np

from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def linearity(evidence: Evidence) -> Explanation | None:
    """The upstream gradient ignored, used twice, or something added regardless of it."""
    comparisons = [s for s in evidence.comparisons if s.answers and s.fits]
    if not comparisons or len(evidence.comparisons) < 2:
        return None
    kinds = {kind(s) for s in comparisons}
    if len(kinds) != 1:
        return None
    found = kinds.pop()
    if found == "ignored":
        return Explanation("upstream", "A11", sentence("diagnose.upstream_ignored"))
    if found == "squared":
        return Explanation("upstream", "A12", sentence("diagnose.upstream_squared"))
    if found == "constant":
        return Explanation(
            "upstream/constant",
            None,
            sentence("diagnose.upstream_added"),
            ("A5", "A11", "F3"),
            fix=sentence("diagnose.upstream_added_fix"),
        )
    return None


def kind(comparison: Comparison) -> str | None:
    """Name how one comparison's gradient follows the upstream gradient."""
    zero, double = comparison.answers.get("zero"), comparison.answers.get("double")
    came = comparison.analytic
    if not isinstance(zero, np.ndarray) or not isinstance(double, np.ndarray) or not came.any():
        return None
    if zero.shape != came.shape or double.shape != came.shape:
        return None
    scale = float(np.max(np.abs(came)))
    if _near(double, came, scale):
        return "ignored"
    if _near(double, 4 * came, scale):
        return "squared"
    if not _near(zero, 0 * came, scale):
        return "constant"
    return "linear" if _near(double, 2 * came, scale) else "bent"


def _near(a: object, b: object, scale: float) -> bool:
    return bool(np.all(np.abs(np.asarray(a) - np.asarray(b)) <= 1e-6 * scale))
