"""Send a cotangent back, and set what comes beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.evidence import TOLERANCE, Sight
from minin.gradcheck.measure.differences import Slopes, measure, sharpen
from minin.gradcheck.measure.purity import Subject, copies
from minin.gradcheck.recognise.match import Binding, Call
from minin.gradcheck.subject.arguments import plain, spread


def call_of(subject: Subject, output: Array) -> Call:
    """Return the caller's call, for `find`."""
    inputs = tuple(plain(x) for x in subject.inputs)
    return Call(tuple(subject.arguments), inputs, subject.params, output)


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


def place_of(subject: Subject, leaf: int) -> int:
    """Say which of the caller's arguments a leaf is; -1 for a parameter."""
    count = 0
    for place, argument in enumerate(subject.inputs):
        count += len(spread([argument], ["x"]))
        if leaf < count:
            return place
    return -1


def settings_of(subject: Subject) -> Mapping[str, Any]:
    """Return the numbers and words among the arguments by name."""
    return call_of(subject, np.zeros(())).settings


@dataclass(frozen=True)
class Borrowed:
    """Slopes that a reference gave instead of a measurement; see `Slopes`."""

    gradient: Array
    kinked: Array
    jacobian: Array | None = None
    dense: bool = False

    def along(self, _: Array) -> Array:
        """Return the gradient, flat; it was taken for one cotangent."""
        return self.gradient.ravel()

    def kinks(self) -> Array:
        """Return a flat mask of the entries that are not judged."""
        return self.kinked.ravel()

    def error(self, _: Array) -> float:
        """Return 0: the reference computes, it does not measure."""
        return 0.0


def borrowed(subject: Subject, binding: Binding, y: Array, g: Array) -> list[Any] | None:
    """Take the truth from the reference, whose forward agrees with the caller's here.

    Where yours differs from it, some entries are measured all the same: one on a kink is not
    judged, and if the reference should be wrong, nothing is taken from it.
    """
    grads, came = binding.gradients(call_of(subject, y), g, None), pulled(subject, g)
    found = []
    for leaf, x in enumerate(subject.base):
        grad = grads.get(place_of(subject, leaf))
        fits = isinstance(grad, np.ndarray) and grad.shape == x.shape
        truth = np.array(grad, dtype=float) if fits else np.full(x.shape, np.nan)
        kinked, mine = ~np.isfinite(truth), came[leaf]
        if isinstance(mine, np.ndarray) and mine.shape == x.shape and mine.dtype.kind in "fiu":
            scale = float(np.max(np.abs(truth), initial=0.0))
            differ = np.flatnonzero(np.abs(mine - truth) > TOLERANCE * scale)
            few = differ[:: max(1, len(differ) // 40)][:40]
            slopes = measure(subject.look, subject.base, leaf, few)
            kinked.ravel()[few[slopes.kink]] = True
            if slopes.kink.any() and len(few) < len(differ):
                kinked.ravel()[differ] = True  # those that were not measured may be on kinks too
            smooth, told = few[~slopes.kink], slopes.along(g)
            off = np.abs(told[smooth] - truth.ravel()[smooth])
            if np.any(off > 1e-5 * scale + 4 * slopes.error(g)):
                return None
        found.append(Borrowed(truth, kinked))
    return found
