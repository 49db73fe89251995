"""From samples to a number and how much of it is chance.

The samples of a row come in blocks that are spread over the whole run, each after the arrays
were made again and, in `minin bench`, in a process of its own: A B C, A B C, A B C. What changes
slowly (the clock of a processor that gets warm, another program), from one place in memory to
the next, or from process to process then changes from block to block, and shows. So the spread
that is stated is not that of neighbouring samples, which agree with each other far better than
with those of another run, but the whole range of the medians of the blocks.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from minin.errors import ArgumentError

LEAST_SAMPLES = 5
LEAST_BLOCKS = 5

Summary = dict[str, Any]  # as in schema.json


def summarise(blocks: Sequence[Sequence[float]], resolution: float, calls: int = 1) -> Summary:
    """Summarise samples, in seconds a call, that were taken in blocks.

    Args:
        blocks: one or more samples each.
        resolution: of the clock, in seconds.
        calls: how many calls shared one reading.

    Raises:
        ArgumentError: if there are too few for a number that can be trusted.

    Example:
        >>> found = summarise([[1.0, 9.0, 1.0], [2.0], [3.0], [2.0], [2.0]], 0.001)
        >>> found["median"], found["spread"], found["samples"]
        (2.0, 2.0, 7)
    """
    samples = [sample for block in blocks for sample in block]
    if not enough(blocks):
        raise ArgumentError(
            f"a time needs {LEAST_BLOCKS} blocks and {LEAST_SAMPLES} samples; there are "
            f"{len(blocks)} and {len(samples)}"
        )
    medians = [statistics.median(block) for block in blocks]
    return {
        "median": statistics.median(medians),
        "quartiles": quartiles(samples),
        "spread": spread_of(medians, resolution / calls),
        "resolution": resolution / calls,
        "blocks": medians,
        "samples": len(samples),
        "calls": calls,
    }


def quartiles(values: Sequence[float]) -> list[float]:
    """Return the numbers that a quarter and three quarters of the values do not exceed.

    Example:
        >>> quartiles([3.0, 1.0, 2.0, 5.0, 4.0])
        [2.0, 4.0]
    """
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return [low, high]


def enough(blocks: Sequence[Sequence[float]]) -> bool:
    """Tell whether there are enough samples for a number.

    Example:
        >>> enough([[1.0]] * 5), enough([[1.0] * 9] * 4)
        (True, False)
    """
    return len(blocks) >= LEAST_BLOCKS and sum(map(len, blocks)) >= LEAST_SAMPLES


def spread_of(medians: Sequence[float], resolution: float) -> float:
    """Return the range of the blocks' medians, but what the clock can tell apart at least.

    Example:
        >>> spread_of([1.0, 1.5, 1.25], 0.1), spread_of([1.0, 1.0], 0.1)
        (0.5, 0.1)
    """
    return max(max(medians) - min(medians), resolution)
