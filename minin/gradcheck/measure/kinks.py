"""What may be said at a kink: a choice between two slopes is a convention, not a bug."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.measure.slopes import Slopes
from minin.gradcheck.measure.steps import STEP, along
from minin.gradcheck.subject import Subject
from minin.sentences import sentence

COARSEST = 1e-3  # float32 is measured with steps above it, and has a tolerance of its own


def judge_kinks(subject: Subject, slopes: list[Slopes], grad_y: Array) -> list[Fact]:
    """Judge the entries that sit on kinks, as far as they can be judged."""
    facts = list(_find_unmeasured(subject, slopes, grad_y))
    if not any(s.kink.any() or s.crossed for s in slopes):
        return facts
    try:
        grads = subject.run_backward(subject.run(subject.base), grad_y.copy())
    except Exception:  # reported already
        return facts
    for place, (name, s, grad) in enumerate(zip(subject.names, slopes, grads, strict=True)):
        if s.crossed:
            facts.append(_note(name, "E8", sentence("gradcheck.near_kink", count=s.crossed)))
        x = subject.base[place]
        if not s.kink.any() or not isinstance(grad, np.ndarray) or grad.shape != x.shape:
            continue
        facts += _outside(name, s, grad, grad_y)
        facts += _judge_ties(subject, place, s, grad, grad_y)
        if not any(f.argument == name and not f.note for f in facts):
            facts += _convention(name, s, grad, grad_y)
    return facts


def _find_unmeasured(subject: Subject, slopes: list[Slopes], grad_y: Array) -> Iterator[Fact]:
    """Yield the arguments of which nothing can be said: that must not look like a pass."""
    weight = float(np.max(np.abs(grad_y), initial=0.0))
    for name, s in zip(subject.names, slopes, strict=True):
        if s.step > COARSEST or not len(s.entries) or s.kink.all():
            continue
        judged = s.entries[~s.kink]
        bar = 4 * float(np.max(s.bars(grad_y)[judged]))
        largest = float(np.max(s.terms(grad_y)[judged]))
        # Where no output feels any entry, beside the kinks, the slopes are 0 and no doubt is left
        # by what only looks like rounding.
        if bar > 1e-2 * largest and bar > (1e-6 if largest else 1e-4) * weight:
            what = sentence("gradcheck.too_coarse", bar=f"{bar:.0e}", largest=f"{largest:.0e}")
            fix = sentence("gradcheck.too_coarse_fix")
            yield Fact(name, Explanation("harness", None, what, fix=fix), unmeasured=True)
    if all(len(s.entries) and s.kink.all() for s in slopes) and all(s.dense for s in slopes):
        what = sentence("gradcheck.all_kinks")
        fix = sentence("gradcheck.all_kinks_fix")
        yield Fact(subject.names[0], Explanation("harness", None, what, fix=fix), unmeasured=True)


def _note(name: str, bug: str, what: str) -> Fact:
    return Fact(name, Explanation("harness", bug, what), note=True)


def _outside(name: str, s: Slopes, grad: Array, grad_y: Array) -> Iterator[Fact]:
    """Yield a failure if a gradient at a kink is no number between the slopes it could be."""
    entries = s.entries[s.kink]
    middle = s.jacobian[s.kink] * grad_y.ravel()
    half = np.abs(s.gap[s.kink] * grad_y.ravel()) / 2
    low, high = (middle - half).sum(axis=1), (middle + half).sum(axis=1)
    came = grad.ravel()[entries]
    slack = 1e-4 * max(1.0, float(np.max(np.abs(high), initial=0.0)))
    bad = (came < low - slack) | (came > high + slack) | ~np.isfinite(came)
    if bad.any():
        yield Fact(
            name,
            Explanation(
                "place",
                "E3",
                sentence("gradcheck.outside", count=int(bad.sum())),
                ("E1", "E4"),
            ),
        )


def _judge_ties(
    subject: Subject, place: int, s: Slopes, grad: Array, grad_y: Array
) -> Iterator[Fact]:
    """Yield a failure if equals that move together do not get what they share."""
    flat = subject.base[place].ravel()
    values = np.unique(flat[s.entries[s.kink]])
    for value in values[:8]:
        group = flat == value
        if group.sum() < 2:
            continue
        step = STEP * max(1.0, abs(float(value)))
        direction = [np.zeros_like(b) for b in subject.base]
        direction[place] = group.astype(float).reshape(subject.base[place].shape)
        slope = along(subject.look, subject.base, direction, step)
        one_side = _ahead(subject, direction, step)
        if np.max(np.abs(slope - one_side), initial=0.0) > 1e-3:
            continue  # still a kink, moved together
        want = float(np.sum(slope * grad_y))
        came = float(grad.ravel()[group].sum())
        if abs(came - want) > 1e-4 * max(1.0, abs(want)):
            yield Fact(
                subject.names[place],
                Explanation(
                    "place",
                    "E4",
                    _shares(int(group.sum()), want, came),
                    ("E5", "E6"),
                ),
            )
            return


def _shares(count: int, want: float, came: float) -> str:
    """Say what equal numbers share, and what they got."""
    share, got = f"{want:.4g}", f"{came:.4g}"
    if not want:
        return sentence("gradcheck.tied", count=count, want=share, came=got)
    ratio = f"{came / want:.3g}"
    return sentence("gradcheck.tied_ratio", count=count, want=share, came=got, ratio=ratio)


def _ahead(subject: Subject, direction: list[Array], step: float) -> Array:
    ahead, _ = subject.look([b + step * d for b, d in zip(subject.base, direction, strict=True)])
    here, _ = subject.look(subject.base)
    return np.asarray((ahead - here) / step)


def _convention(name: str, s: Slopes, grad: Array, grad_y: Array) -> Iterator[Fact]:
    """Yield a note that says which slope was chosen."""
    entries = s.entries[s.kink]
    left, right = (side[entries] for side in s.sides(grad_y))
    came = grad.ravel()[entries]
    count = len(entries)
    inner = ~(np.isclose(came, left, atol=1e-4) | np.isclose(came, right, atol=1e-4))
    if inner.any():
        yield _note(name, "E5", sentence("gradcheck.shared", count=count, inner=int(inner.sum())))
    else:
        yield _note(name, "E1", sentence("gradcheck.one_side", count=count))
