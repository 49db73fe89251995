"""Illnesses that show in the course of the loss: too fast, too slow, or about nothing."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise

from minin.doctor import thresholds
from minin.doctor.case import Case, Diagnosis, words


def double_softmax(case: Case) -> Diagnosis | None:
    """The network returns probabilities; the loss takes them for logits."""
    if not case.vitals.probabilities:
        return None
    k = len(case.vitals.classes)
    floor = math.log(1 + (k - 1) * math.exp(-1))  # one probability is 1, all others 0
    return case.diagnosis("double_softmax", floor=f"{floor:.3f}", loss=f"{case.vitals.loss:.3f}")


def rate_too_high(case: Case) -> Diagnosis | None:
    """The loss jumps up again, or stays worse than that of a network that knows nothing."""
    step = case.step
    if 0 < step < thresholds.TINY_STEP:
        return None  # whatever made it jump, steps like these did not
    seen = _overshot(case)
    if not seen:
        return None
    moves = _moves(case) if step > 0 else ""
    return case.diagnosis("learning_rate_too_high", seen=seen, moves=moves)


def _overshot(case: Case) -> str:
    """Say how the losses show that steps were too long, or nothing."""
    losses, k = case.losses, case.vitals.guessing
    lost = [epoch for epoch, loss in enumerate(losses, start=1) if not math.isfinite(loss)]
    if lost:
        return words("lost", loss=losses[lost[0] - 1], epoch=lost[0])
    if len(losses) < 3:
        return ""
    lowest = list(accumulate(losses, min))
    jumps = [
        (now - low, epoch)
        for epoch, (now, low) in enumerate(zip(losses[1:], lowest, strict=False), start=2)
    ]
    jump, epoch = max(jumps[-thresholds.RECENT_EPOCHS :])
    if jump > max(thresholds.JUMP * k, thresholds.LEAST_JUMP):
        return words("jumped", jump=f"{jump:.3g}", loss=f"{losses[epoch - 1]:.3g}", epoch=epoch)
    if _hovers(losses, k):
        return words("hovered", loss=f"{min(losses[1:]):.3f}", guess=case.guess())
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
    values = {"right": f"{pixels.accuracy:.2f}", "guessed": f"{pixels.guessing:.2f}"}
    if by_heart:
        key = "labels_learnt_by_heart"
        values |= {"train": f"{case.train_accuracy:.2f}", "held": f"{case.validation:.2f}"}
    else:
        key = ""
    epochs = len(case.losses)
    return case.diagnosis("labels_shuffled_against_images", key, epochs=epochs, **values)


def slow_start(case: Case) -> Diagnosis | None:
    """The loss has not moved yet, but gradients flow: patience, or longer steps."""
    vitals, step = case.vitals, case.step
    tiny = step < thresholds.TINY_STEP and len(case.losses) >= 2
    long = len(case.losses) >= thresholds.SLOW_EPOCHS
    if not (tiny or long) or not case.at_guessing or not any(p.gradient for p in vitals.weights):
        return None
    if min(case.losses) < thresholds.AT_GUESSING * vitals.guessing:
        return None
    agree = words("agree", agreement=f"{vitals.agreement:.2f}")
    better = _better(case)
    return case.diagnosis(
        "slow_start",
        "slow_start_at_low_rate" if better else "",
        first=f"{case.losses[0]:.3f}",
        last=f"{case.losses[-1]:.3f}",
        epochs=len(case.losses),
        agree="" if math.isnan(vitals.agreement) else agree,
        moves=_moves(case),
        better=better,
    )


def _better(case: Case) -> str:
    """Return a rate that gives usual steps, where it is known and higher by far."""
    if case.lr is None or not 0 < case.step < thresholds.USUAL_STEP / 10:
        return ""
    return f"{min(case.lr * thresholds.USUAL_STEP / case.step, max(0.1, case.lr)):.1g}"


def _moves(case: Case) -> str:
    """Say how far a plain step goes, where that is known."""
    return "" if math.isnan(case.step) else words("step", step=f"{case.step:.1g}")
