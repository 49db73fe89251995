"""Gradient checks: of every operation, right and with a bug, and of a whole network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness.programs import Counted, Job, Program
from benchmarks.networks.minin_net import versions, workers
from minin import gradcheck, models
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.zoo.mutant import Mutant
from minin.zoo.mutants import MUTANTS

__all__ = ["start", "versions"]

SEED = 11
Check = Callable[[], gradcheck.Report]


class Checks(Program):
    """All checks, by their names; a right program must pass, and a wrong one must not."""

    def __init__(self, job: Job) -> None:
        self.bugs: dict[str, str] = {}
        self.checks: dict[str, tuple[Check, bool]] = {}
        for op in job["operations"] or REFERENCES:
            self._add(op)
        if job["network"]:
            self.checks[job["network"]] = (network(job["network"], tuple(job["images"])), True)

    def _add(self, op: str) -> None:
        """Add the right program of an operation, and the first wrong one that is rejected."""
        self.checks[f"{op}, right"] = (right(op), True)
        for mutant in (m for m in MUTANTS if m.op == op):
            check = wrong(mutant)
            if not check().ok:
                self.checks[f"{op}, wrong"] = (check, False)
                self.bugs[op] = mutant.bug.id
                return

    def turn(self, calls: int) -> Counted:
        numbers = {name: seconds(*check, calls) for name, check in self.checks.items()}
        return Counted(numbers, sum(numbers.values()) * calls)

    def facts(self) -> dict[str, Any]:
        return {"threads": workers(), "settings": {"bugs": self.bugs}}


def right(op: str) -> Check:
    inputs, params = REFERENCES[op].draw(np.random.default_rng(SEED))
    forward, backward = REFERENCES[op].programs()
    return lambda: gradcheck.check_backward(forward, backward, inputs, op, params)


def wrong(mutant: Mutant) -> Check:
    inputs, params = mutant.draw(np.random.default_rng(SEED))
    return lambda: gradcheck.check_backward(*mutant.make(), inputs, mutant.op, params)


def network(name: str, shape: tuple[int, ...]) -> Check:
    rng = np.random.default_rng(SEED)
    model = models.build(name, rng=rng, dtype="float64", dropout=0.0).eval()
    images = rng.uniform(-1.0, 2.0, shape)
    return lambda: gradcheck.check(model, images, params=model)


def seconds(check: Check, ok: bool, calls: int) -> float:
    """Return the seconds of one check, and see that its verdict is right."""
    start = time.perf_counter()
    for _ in range(calls):
        report = check()
        assert report.ok == ok, str(report)
    return (time.perf_counter() - start) / calls


start = Checks
