"""Medians, quartiles and ratios. None of them is made from fewer than five rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.harness.errors import RefusedError
from minin.bench.spread import LEAST_BLOCKS, Summary, quartiles

LEAST_ROUNDS = LEAST_BLOCKS


def summarise(values: Sequence[float]) -> Summary:
    """Return the median and the spread of one number a round, with all rounds.

    Raises:
        RefusedError: if there are fewer than five.

    Example:
        >>> summarise([3.0, 1.0, 2.0, 5.0, 4.0])["quartiles"]
        [2.0, 4.0]
    """
    if len(values) < LEAST_ROUNDS:
        raise RefusedError(
            f"no number is given from fewer than {LEAST_ROUNDS} rounds; there are {len(values)}"
        )
    return {
        "median": statistics.median(values),
        "quartiles": quartiles(values),
        "least": min(values),
        "most": max(values),
        "rounds": list(values),
    }


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Divide round by round: what disturbs a whole round disturbs both, and cancels.

    Example:
        >>> ratios([1.0, 2.0], [2.0, 2.0])
        [0.5, 1.0]
    """
    return [this / that for this, that in zip(these, those, strict=True)]
