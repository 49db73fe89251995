"""The spread that is stated is honest: another run's median is nearer than it."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from minin.bench.spread import Summary, enough, spread_of, summarise
from minin.errors import ArgumentError

RUNS = 400


def noisy(rng: np.random.Generator, between: float, within: float, blocks: int = 7) -> Summary:
    """Draw a run: noise from block to block, and noise from sample to sample."""
    levels = 1 + between * rng.standard_normal(blocks)
    samples = levels[:, None] * (1 + within * rng.exponential(size=(blocks, 9)))
    return summarise(samples.tolist(), 1e-9)


@pytest.mark.parametrize(("between", "within"), [(0.0, 0.02), (0.01, 0.02), (0.1, 0.02), (0.1, 1)])
def test_two_runs_agree_within_their_spread(between: float, within: float) -> None:
    rng = np.random.default_rng(0)
    pairs = [(noisy(rng, between, within), noisy(rng, between, within)) for _ in range(RUNS)]
    near = [abs(a["median"] - b["median"]) < a["spread"] for a, b in pairs]
    assert sum(near) >= 0.95 * RUNS


def test_the_quartiles_of_samples_would_not_do() -> None:
    """What neighbours differ by says nothing about the next run: the usual mistake."""
    rng = np.random.default_rng(0)
    pairs = [(noisy(rng, 0.1, 0.001), noisy(rng, 0.1, 0.001)) for _ in range(RUNS)]
    usual = [
        abs(a["median"] - b["median"]) < statistics.median(np.diff(sorted(a["blocks"])))
        for a, b in pairs
    ]
    assert sum(usual) < 0.6 * RUNS


def test_one_interrupted_block_moves_no_median() -> None:
    found = summarise([[1.0], [1.0], [50.0], [1.0], [1.0]], 1e-9)
    assert (found["median"], found["spread"]) == (1.0, 49.0)


def test_a_clock_cannot_tell_less_than_its_resolution() -> None:
    assert summarise([[1.0]] * 5, 0.5, calls=10)["spread"] == 0.05
    assert spread_of([2.0, 2.0], 0.25) == 0.25


@pytest.mark.parametrize("blocks", [[], [[1.0]] * 4, [[1.0] * 100]])
def test_too_few_samples_are_no_number(blocks: list[list[float]]) -> None:
    assert not enough(blocks)
    with pytest.raises(ArgumentError, match="a time needs 5 blocks and 5 samples; there are"):
        summarise(blocks, 1.0)
