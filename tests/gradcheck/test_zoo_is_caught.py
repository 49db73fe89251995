"""Every wrong program of the zoo is rejected, and the cause that is named is the cause.

One drawing each here; `tools/confusion.py` measures more of them and writes the page.
"""

from __future__ import annotations

import numpy as np
import pytest

from minin.gradcheck.examine import examine
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.report.result import Result
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.silence import quiet
from minin.zoo.equivalence import equivalent
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS
from tools.confusion import overall

ONE_EACH = list({m.bug.id: m for m in MUTANTS}.values())


def label(mutant: Mutant) -> str:
    return f"{mutant.bug.id}-{mutant.op}-{mutant.variant}".rstrip("-").replace(" ", "-")


def examined(mutant: Mutant, seed: int) -> tuple[bool, Result]:
    rng = np.random.default_rng(seed)
    inputs, params = mutant.draw(rng)
    y, _ = REFERENCES[mutant.op].forward(*inputs, **params)
    with quiet():
        harmless = equivalent(mutant, inputs, params, draw_upstream(y.shape, rng))
        result = examine(Code(*mutant.make(), inputs, params), rng, mutant.op)
    return harmless or mutant.convention, result


@pytest.mark.parametrize("mutant", ONE_EACH, ids=label)
def test_one_of_each_bug_is_named(mutant: Mutant) -> None:
    harmless, result = examined(mutant, 21)
    failed = bool(result.verdicts) or any(not fact.note for fact in result.facts)
    assert failed != harmless
    if failed:
        assert mutant.bug.id in overall(result)[:2]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=label)
def test_every_mutant_is_rejected(mutant: Mutant) -> None:
    for seed in range(5):
        harmless, result = examined(mutant, seed)
        failed = bool(result.verdicts) or any(not fact.note for fact in result.facts)
        assert failed != harmless, f"drawing {seed}: {overall(result)}"
