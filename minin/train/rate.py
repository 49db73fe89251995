"""The learning rate of each step of a run, as the options say it."""

from __future__ import annotations

from collections.abc import Callable

from minin.optim import make_schedule
from minin.train.options import Options


def shares(options: Options, steps_per_epoch: int) -> Callable[[int], float]:
    """Return the share of its own peak that every group's rate has at a step.

    Args:
        options: ``epochs``, ``schedule``, ``warm_up``, ``milestones`` and ``factor``.
        steps_per_epoch: steps in which each image comes once.

    Raises:
        ArgumentError: if a milestone lies within the warm-up.

    Example:
        >>> share = shares(Options(epochs=2, warm_up=0.4), steps_per_epoch=3)
        >>> [round(share(step), 3) for step in range(6)]
        [0.333, 0.667, 1.0, 0.75, 0.5, 0.25]
    """
    total = options.epochs * steps_per_epoch
    return make_schedule(
        options.schedule,
        1.0,
        total,
        steps_per_epoch,
        warmup_steps=int(options.warm_up * total),
        milestones=options.milestones,
        factor=options.factor,
    )
