"""Send a cotangent back, and set what comes beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.differences import sharpen
from minin.gradcheck.measure.purity import copies
from minin.gradcheck.measure.sight import TOLERANCE, Sight
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.arguments import plain
from minin.gradcheck.subject.call import call_of, place_of


def sights_of(
    subject: Subject, slopes: Sequence[Any], cotangent: Array, base: int, answers: bool = False
) -> list[Sight]:
    """Send one cotangent back and set every gradient beside the measured one."""
    outcome = subject.run(subject.base)
    came = pulled(subject, cotangent)
    further = _answers(subject, cotangent) if answers else [{} for _ in came]
    found = []
    for place, (x, s, grad, told) in enumerate(
        zip(subject.base, slopes, came, further, strict=True)
    ):
        shape = x.shape
        loose = 1e-4 if isinstance(grad, np.ndarray) and grad.dtype == np.float32 else TOLERANCE
        if outcome.dtype == np.float32:
            loose = 1e-3
        found.append(
            Sight(
                x, s.along(cotangent).reshape(shape), grad, s.kinks().reshape(shape),
                s.error(cotangent), cotangent, outcome.output,
                tuple(plain(x) for x in subject.inputs),
                place_of(subject, place), settings_of(subject),
                s.jacobian if s.dense else None, told, base, loose,
                call_of(subject, outcome.output),
            )
        )  # fmt: skip
        if isinstance(s, Slopes):
            found[-1] = _barred(found[-1], s, cotangent)
            wrong = np.flatnonzero(found[-1].wrong) if found[-1].fits else np.arange(0)
            if loose == TOLERANCE and sharpen(subject.look, subject.base, place, s, wrong):
                found[-1] = _barred(found[-1], s, cotangent)
    return found


def _barred(sight: Sight, s: Slopes, cotangent: Array) -> Sight:
    """Return a sight with what is known of the error of each of its numbers."""
    shape = sight.x.shape
    return replace(
        sight, numeric=s.along(cotangent).reshape(shape), error=s.error(cotangent),
        bars=s.bars(cotangent).reshape(shape), terms=s.terms(cotangent).reshape(shape),
    )  # fmt: skip


def _answers(subject: Subject, cotangent: Array) -> list[dict[str, Any]]:
    zero, double = pulled(subject, 0 * cotangent), pulled(subject, 2 * cotangent)
    return [{"zero": z, "double": d} for z, d in zip(zero, double, strict=True)]


def pulled(subject: Subject, cotangent: Array) -> list[Any]:
    """Run forward and backward; an exception stands in the place of every gradient."""
    try:
        return copies(subject.pull(subject.run(subject.base), cotangent.copy()))
    except Exception as error:  # somebody's backward stops: that is the finding
        return [error for _ in subject.names]


def settings_of(subject: Subject) -> Mapping[str, Any]:
    """Return the numbers and words among the arguments by name."""
    return call_of(subject, np.zeros(())).settings
