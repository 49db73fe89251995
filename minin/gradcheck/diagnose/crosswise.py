"""Gradients that came crosswise: backward returned them in another order than the inputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minin.gradcheck.diagnose.choose import Verdict
from minin.gradcheck.diagnose.evidence import Evidence
from minin.gradcheck.measure.comparison import Comparison
from minin.gradcheck.measure.facts import Explanation
from minin.sentences import sentence


def crosswise(found: Mapping[str, Evidence], verdicts: dict[str, Verdict]) -> None:
    """Say of each wrong gradient, number for number another argument's, whose it is."""
    for name, verdict in verdicts.items():
        own = [s for s in found[name].comparisons if s.base == 0]
        others = (found[other] for other in verdicts if other != name)  # that is wrong too
        whose = next((e.argument for e in others if own and _came(own, e)), None)
        if whose is not None:
            what = sentence("diagnose.crosswise", argument=name, other=whose)
            fix = sentence("diagnose.crosswise_fix", names=", ".join(found))
            said = Explanation("form", None, what, fix=fix)
            verdicts[name] = Verdict(None, (), (said, *verdict.explanations))


def _came(own: list[Comparison], other: Evidence) -> bool:
    """Tell whether the gradient of another argument came, for every upstream gradient."""
    theirs = [s for s in other.comparisons if s.base == 0]
    if len(own) != len(theirs) or any(np.shape(a.analytic) != b.x.shape
                                      for a, b in zip(own, theirs, strict=True)):  # fmt: skip
        return False
    pairs = [
        (np.asarray(a.analytic, float)[b.trusted], b.numeric[b.trusted], b.allowed[b.trusted])
        for a, b in zip(own, theirs, strict=True)
    ]
    return all(t.any() and (np.abs(c - t) <= slack).all() for c, t, slack in pairs)
