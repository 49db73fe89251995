"""Illnesses that show in the course of the loss: too fast, too slow, or about nothing."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis


def double_softmax(case: Case) -> Diagnosis | None:
    """The network returns probabilities; the loss takes them for logits."""
    if not case.vitals.probabilities:
        return None
    k = len(case.vitals.classes)
    floor = math.log(1 + (k - 1) * math.exp(-1))  # one probability is 1, all others 0
    return Diagnosis(
        "double softmax",
        f"each of {case.vitals.count} rows of logits is non-negative and adds up to 1; softmax"
        f" over that cannot bring the loss below {floor:.3f} (now {case.vitals.loss:.3f})",
        "drop the softmax at the network's end: cross_entropy has its own",
    )


def rate_too_high(case: Case) -> Diagnosis | None:
    """The loss jumps up again, or stays worse than that of a network that knows nothing."""
    step = case.step
    if 0 < step < thresholds.TINY_STEP:
        return None  # whatever made it jump, steps like these did not
    seen = _overshot(case)
    if not seen:
        return None
    moves = f"; a plain step changes weights by {step:.1g} of their size" if step > 0 else ""
    return Diagnosis(
        "learning rate too high",
        seen + moves,
        f"train anew with {case.lower()}, a warm-up over the first epochs and clip=1.0",
    )


def _overshot(case: Case) -> str:
    """Say how the losses show that steps were too long, or nothing."""
    losses, k = case.losses, case.vitals.guessing
    lost = [epoch for epoch, loss in enumerate(losses, start=1) if not math.isfinite(loss)]
    if lost:
        return f"the loss was {losses[lost[0] - 1]} in epoch {lost[0]}"
    if len(losses) < 3:
        return ""
    lowest = list(accumulate(losses, min))
    jumps = [
        (now - low, epoch)
        for epoch, (now, low) in enumerate(zip(losses[1:], lowest, strict=False), start=2)
    ]
    jump, epoch = max(jumps[-thresholds.RECENT_EPOCHS :])
    if jump > max(thresholds.JUMP * k, thresholds.LEAST_JUMP):
        return f"the loss rose by {jump:.3g} to {losses[epoch - 1]:.3g} in epoch {epoch}"
    if _hovers(losses, k):
        return (
            f"after the first epoch the loss stayed at {min(losses[1:]):.3f} and more, above"
            f" {case.guess()}, and went up and down"
        )
    return ""


def _hovers(losses: tuple[float, ...], guessing: float) -> bool:
    """Tell whether the loss stays above that of guessing, and not because it still falls."""
    later = losses[1:]
    rises = any(b > a for a, b in pairwise(later))
    return (
        len(losses) >= thresholds.HOVER_EPOCHS
        and rises
        and min(later) > thresholds.ABOVE_GUESSING * guessing
    )


def labels_shuffled(case: Case) -> Diagnosis | None:
    """Gradients flow, nothing is learnt but by heart, and pixels say nothing of the labels."""
    vitals, pixels = case.vitals, case.vitals.pixels
    if len(case.losses) <= thresholds.EARLY_EPOCHS or pixels.count < thresholds.PIXELS_COUNT:
        return None
    if not pixels.varies or pixels.surprise > thresholds.PIXELS_SURPRISE:
        return None
    held = case.validation is None or (
        case.validation < thresholds.HELD_BACK / max(len(vitals.classes), 1)
    )
    by_heart = (case.train_accuracy or 0.0) > thresholds.BY_HEART and case.validation is not None
    if not held or not (case.at_guessing or by_heart):
        return None
    course = (
        f"training accuracy {case.train_accuracy:.2f} but {case.validation:.2f} on images held back"
        if by_heart
        else f"loss {case.loss:.3f} after {len(case.losses)} epochs, {case.guess()}"
    )
    return Diagnosis(
        "labels shuffled against images",
        f"{course}; gradients flow, yet the nearest class mean of raw pixels is right for"
        f" {pixels.accuracy:.2f} of the images, guessing for {pixels.guessing:.2f}",
        "look at a few images beside their labels: was one put in order and not the other? If"
        " they do fit, pixels alone do not tell these classes apart",
    )


def slow_start(case: Case) -> Diagnosis | None:
    """The loss has not moved yet, but gradients flow: patience, or longer steps."""
    vitals, step = case.vitals, case.step
    tiny = step < thresholds.TINY_STEP and len(case.losses) >= 2
    long = len(case.losses) >= thresholds.SLOW_EPOCHS
    if not (tiny or long) or not case.at_guessing or not any(p.gradient for p in vitals.weights):
        return None
    if min(case.losses) < thresholds.AT_GUESSING * vitals.guessing:
        return None
    agree = "" if math.isnan(vitals.agreement) else f" (halves agree by {vitals.agreement:.2f})"
    change = (
        "" if math.isnan(step) else f"; a plain step changes weights by {step:.1g} of their size"
    )
    return Diagnosis(
        "slow start",
        f"loss {case.losses[0]:.3f} and now {case.losses[-1]:.3f} after {len(case.losses)} epochs,"
        f" {case.guess()}, but gradients flow{agree}{change}",
        _patience(case),
    )


def _patience(case: Case) -> str:
    """Say what helps a slow start: a rate that gives usual steps, where it is known."""
    if case.lr is not None and 0 < case.step < thresholds.USUAL_STEP / 10:
        better = min(case.lr * thresholds.USUAL_STEP / case.step, max(0.1, case.lr))
        return f"a higher rate: lr {better:.1g}, with a warm-up; or go on, for many more epochs"
    return "go on; if it stays, weights started as He et al. (init='he'), or a higher rate"
