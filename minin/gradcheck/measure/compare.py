"""Send an upstream gradient back, and set what comes beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.comparison import TOLERANCE, Comparison
from minin.gradcheck.measure.differences import sharpen
from minin.gradcheck.measure.purity import copies
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.arguments import plain
from minin.gradcheck.subject.call import call_of, place_of


def compare(
    subject: Subject, slopes: Sequence[Any], grad_y: Array, base: int, answers: bool = False
) -> list[Comparison]:
    """Send one upstream gradient back and set every gradient beside the measured one."""
    outcome = subject.run(subject.base)
    came = gradients_of(subject, grad_y)
    further = _answers(subject, grad_y) if answers else [{} for _ in came]
    found = []
    for place, (x, s, grad, told) in enumerate(
        zip(subject.base, slopes, came, further, strict=True)
    ):
        shape = x.shape
        loose = 1e-4 if isinstance(grad, np.ndarray) and grad.dtype == np.float32 else TOLERANCE
        if outcome.dtype == np.float32:
            loose = 1e-3
        found.append(
            Comparison(
                x, s.along(grad_y).reshape(shape), grad, s.kinks().reshape(shape),
                s.error(grad_y), grad_y, outcome.output,
                tuple(plain(x) for x in subject.inputs),
                place_of(subject, place), settings_of(subject),
                s.jacobian if s.dense else None, told, base, loose,
                call_of(subject, outcome.output),
            )
        )  # fmt: skip
        if isinstance(s, Slopes):
            found[-1] = _with_error_bars(found[-1], s, grad_y)
            wrong = np.flatnonzero(found[-1].wrong) if found[-1].fits else np.arange(0)
            if loose == TOLERANCE and sharpen(subject.look, subject.base, place, s, wrong):
                found[-1] = _with_error_bars(found[-1], s, grad_y)
    return found


def _with_error_bars(comparison: Comparison, s: Slopes, grad_y: Array) -> Comparison:
    """Return a comparison with what is known of the error of each of its numbers."""
    shape = comparison.x.shape
    return replace(
        comparison, numeric=s.along(grad_y).reshape(shape), error=s.error(grad_y),
        bars=s.bars(grad_y).reshape(shape), terms=s.terms(grad_y).reshape(shape),
    )  # fmt: skip


def _answers(subject: Subject, grad_y: Array) -> list[dict[str, Any]]:
    zero, double = gradients_of(subject, 0 * grad_y), gradients_of(subject, 2 * grad_y)
    return [{"zero": z, "double": d} for z, d in zip(zero, double, strict=True)]


def gradients_of(subject: Subject, grad_y: Array) -> list[Any]:
    """Run forward and backward; an exception stands in the place of every gradient."""
    try:
        return copies(subject.run_backward(subject.run(subject.base), grad_y.copy()))
    except Exception as error:  # somebody's backward stops: that is the finding
        return [error for _ in subject.names]


def settings_of(subject: Subject) -> Mapping[str, Any]:
    """Return the numbers and words among the arguments by name."""
    return call_of(subject, np.zeros(())).settings
