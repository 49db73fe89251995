"""The learning rate as a function of time: up to the peak in a line, then down in a line.

Freshly drawn weights have steep slopes, and a Network in Network without batch
normalisation can lose a class for good in its first steps; hence the climb. The descent to
almost nothing lets the last steps settle, which is worth about as much as a longer run.
"""

from __future__ import annotations


def rate(step: int, steps: int, peak: float, warm_up: float) -> float:
    """Return the learning rate of one step: the lower of two lines.

    Args:
        step: which step, from 0.
        steps: how many there are in the whole run.
        peak: the highest rate.
        warm_up: the share of the steps before the peak, at least 0 and below 1.

    Example:
        >>> [round(rate(step, steps=6, peak=0.12, warm_up=0.4), 3) for step in range(6)]
        [0.04, 0.08, 0.12, 0.09, 0.06, 0.03]
    """
    top = int(warm_up * steps)  # the step of the peak
    up = (step + 1) / (top + 1)
    down = (steps - step) / (steps - top)
    return peak * min(up, down)
