"""The learning rate as a function of the step: no state, so a resumed run needs none.

A schedule says which share of the peak rate a step takes. After w steps of warm-up, at step
s of the T that are left:

    constant    1
    steps       factor ** (milestones passed)
    linear      1 - s / T
    cosine      (1 + cos(pi * s / T)) / 2
    one-cycle   a climb from 1/25 to 1 and a descent to 1/250000, both half a cosine wave

Freshly drawn weights have large gradients, and a Network in Network without batch
normalisation can lose a class for good in its first steps; hence the warm-up, a line from
1 / (w + 1) up to 1. A descent to almost nothing lets the last steps settle, which is worth
about as much as a longer run.

Sources: Loshchilov, Hutter, ICLR 2017 (cosine); Smith, Topin, arXiv 1708.07120 (one-cycle);
Goyal et al., arXiv 1706.02677, section 2.2 (warm-up).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from minin.errors import ArgumentError, UnknownNameError
from minin.optim.groups import finite
from minin.shapes import integer

Schedule: TypeAlias = Callable[[int], float]  # step, from 0 -> share of the peak, or a rate


@dataclass(frozen=True)
class ScheduleInput:
    """What a schedule may look at.

    Attributes:
        steps: how many steps there are in all.
        warmup: how many of them come before the peak.
        milestones: the steps at which "steps" lowers the rate, ascending.
        factor: what it multiplies the rate by at each.
    """

    steps: int
    warmup: int = 0
    milestones: tuple[int, ...] = ()
    factor: float = 0.1


def make_schedule(
    name: str,
    lr: float,
    total_steps: int,
    steps_per_epoch: int,
    warmup_steps: int = 0,
    milestones: Sequence[int] = (),
    factor: float = 0.1,
) -> Schedule:
    """Return the learning rate as a function of the step.

    A group of parameters with a multiple of its own takes that multiple of the result.

    Args:
        name: a key of `SCHEDULES`.
        lr: the peak of the rate.
        total_steps: steps of the whole run, warm-up included.
        steps_per_epoch: steps in which each image comes once.
        warmup_steps: steps of a climb in a line, which ends at the peak; "one-cycle" has a
            climb of its own, and this is its length, three tenths of the run if 0.
        milestones: for "steps" alone: whole epochs after which the rate falls, ascending,
            counted from the start of the run. One that the run does not reach does nothing.
        factor: what "steps" multiplies the rate by at each milestone.

    Returns:
        A function of the step, from 0 to ``total_steps - 1``; it raises ArgumentError on
        any other.

    Raises:
        UnknownNameError: if there is no such schedule.
        ArgumentError: if a number is out of range, a milestone lies in the warm-up, or
            milestones and the schedule do not go together.

    Example:
        >>> rate = make_schedule("linear", 0.12, total_steps=6, steps_per_epoch=3, warmup_steps=2)
        >>> [round(rate(step), 3) for step in range(6)]
        [0.04, 0.08, 0.12, 0.09, 0.06, 0.03]
    """
    if not isinstance(name, str) or name not in SCHEDULES:
        raise UnknownNameError.among("schedule", name, SCHEDULES)
    peak = finite("lr", lr, above_zero=True)
    plan = ScheduleInput(
        steps=integer("total_steps", total_steps),
        warmup=integer("warmup_steps", warmup_steps, least=0),
        milestones=_milestones(name, milestones, integer("steps_per_epoch", steps_per_epoch)),
        factor=finite("factor", factor, above_zero=True),
    )
    if plan.warmup >= plan.steps:
        raise ArgumentError(
            f"warmup_steps must be below total_steps, {plan.steps}, so that the peak is"
            f" reached; got {plan.warmup}. Warm up for less, or train for longer"
        )
    if plan.milestones and plan.milestones[0] <= plan.warmup:
        raise ArgumentError(
            f"milestones must come after the warm-up of {plan.warmup} steps; the first, of"
            f" {milestones!r} epochs, is step {plan.milestones[0]}. Warm up for less"
        )
    share = SCHEDULES[name](plan)

    def rate(step: int) -> float:
        if integer("step", step, least=0) >= plan.steps:
            raise ArgumentError(
                f"step must be from 0 to {plan.steps - 1}, as total_steps says; got {step!r}"
            )
        return peak * share(step)

    return rate


def warm_up(schedule: Schedule, steps: int) -> Schedule:
    """Put a climb in a line before any schedule, which then starts at its own step 0.

    Args:
        schedule: share of the peak by step, 1 at step 0.
        steps: length of the climb; 0 gives the schedule as it is.

    Example:
        >>> shares = warm_up(lambda step: 1.0, steps=3)
        >>> [shares(step) for step in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def share(step: int) -> float:
        return (step + 1) / (steps + 1) if step < steps else schedule(step - steps)

    return share


def constant(plan: ScheduleInput) -> Schedule:
    """Stay at the peak."""
    return warm_up(lambda _: 1.0, plan.warmup)


def stairs(plan: ScheduleInput) -> Schedule:
    """Fall by a factor at each milestone."""
    fall = [milestone - plan.warmup for milestone in plan.milestones]
    return warm_up(lambda step: plan.factor ** bisect_right(fall, step), plan.warmup)


def linear(plan: ScheduleInput) -> Schedule:
    """Descend in a line that would reach 0 one step after the last."""
    left = plan.steps - plan.warmup
    return warm_up(lambda step: (left - step) / left, plan.warmup)


def cosine(plan: ScheduleInput) -> Schedule:
    """Descend along half a cosine wave: slowly, fast, slowly."""
    left = plan.steps - plan.warmup
    return warm_up(lambda step: _wave(1.0, 0.0, step / left), plan.warmup)


def one_cycle(plan: ScheduleInput) -> Schedule:
    """Climb and descend along half a wave each, from low to nearly nothing.

    As in PyTorch, the last step is the lowest; momentum is left alone.
    """
    low, lowest = 1 / 25, 1 / 25 / 1e4
    end = plan.steps - 1
    # Three tenths of a run are seldom whole steps; so the peak lies between two.
    top = float(plan.warmup) if plan.warmup else 0.3 * plan.steps - 1

    def share(step: int) -> float:
        if step <= top:
            return _wave(low, 1.0, step / top)
        return _wave(1.0, lowest, (step - top) / (end - top))

    return share


def _wave(start: float, stop: float, part: float) -> float:
    """Go from start to stop along half a cosine wave, of which ``part`` is behind."""
    return stop + (start - stop) / 2 * (1 + math.cos(math.pi * part))


SCHEDULES: dict[str, Callable[[ScheduleInput], Schedule]] = {
    "constant": constant,
    "steps": stairs,
    "linear": linear,
    "cosine": cosine,
    "one-cycle": one_cycle,
}


def _milestones(name: str, epochs: Sequence[int], steps_per_epoch: int) -> tuple[int, ...]:
    """Read epochs, ascending, as steps."""
    if not isinstance(epochs, (list, tuple)):
        raise ArgumentError(
            f"milestones must be a list of epochs such as [80, 160]; got {epochs!r}"
        )
    whole = [integer(f"milestones[{place}]", epoch) for place, epoch in enumerate(epochs)]
    if sorted(set(whole)) != whole:
        raise ArgumentError(f"milestones must ascend, each epoch once; got {epochs!r}")
    if bool(whole) != (name == "steps"):
        raise ArgumentError(
            f"milestones must be given to the schedule 'steps' and to no other; the schedule"
            f" {name!r} got {list(epochs)!r}"
        )
    return tuple(epoch * steps_per_epoch for epoch in whole)
