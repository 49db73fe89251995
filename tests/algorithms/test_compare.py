"""compare() runs what covers a layer, says why not of the rest, and prints a narrow table."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import numpy as np
import pytest

from minin.algorithms import AlgorithmComparison, compare, predict
from minin.algorithms.compare import peak_of
from minin.errors import ArgumentError, ShapeError
from tests.algorithms.layers import ALL


def compared(*args: Any, **kwargs: Any) -> AlgorithmComparison:
    """Compare with a clock that ticks once a look, so that each run takes a second."""
    ticks = itertools.count()
    return compare(*args, clock=lambda: float(next(ticks)), repeats=1, **kwargs)


LAYERS: dict[str, tuple[tuple[Any, ...], dict[str, Any], set[str]]] = {
    "3x3": (((2, 3, 8, 8), (4, 3, 3, 3)), {"padding": 1}, {"pointwise"}),
    "1x1": (((2, 3, 8, 8), (4, 3, 1, 1)), {}, {"winograd"}),
    "strided": (((2, 3, 9, 9), (4, 3, 3, 3)), {"stride": 2}, {"pointwise", "winograd"}),
    "float64": (((1, 2, 6, 7), (3, 2, 2, 2)), {"dtype": "float64"}, {"pointwise"}),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_each_row_says_what_it_promises(layer: str) -> None:
    shapes, how, declined = LAYERS[layer]
    found = compared(*shapes, **how)
    assert [row.name for row in found.rows] == list(ALL)
    assert {row.name for row in found.rows if not row.covered} == declined
    for row in found.rows:
        if not row.covered:
            assert str(row.why_not).startswith("needs ")
            assert (row.cost, row.seconds, row.measured_bytes, row.difference) == (None,) * 4
            continue
        assert row.why_not is None
        assert row.cost == predict(row.name, *shapes, **how)
        assert row.seconds == 1.0
        assert row.measured_bytes is not None
        assert row.measured_bytes > 0
        assert row.difference is not None
        assert row.difference < (1e-12 if layer == "float64" else 1e-5)
    assert found.reference == "loops"


@pytest.mark.parametrize("layer", LAYERS)
def test_the_table_is_narrow_and_names_them_all(layer: str) -> None:
    shapes, how, declined = LAYERS[layer]
    text = str(compared(*shapes, **how))
    assert max(map(len, text.splitlines())) <= 80
    assert [line.split()[0] for line in text.splitlines() if line.split()[0] in ALL] == list(ALL)
    assert text.count("not covered: needs") == len(declined)


def test_large_numbers_keep_the_table_narrow() -> None:
    shapes = (1024, 512, 56, 56), (512, 512, 3, 3)
    rows = compared((1, 1, 4, 4), (1, 1, 2, 2)).rows
    huge = tuple(
        type(row)(
            row.name,
            True,
            "wants 99.9 GiB for " + "what it needs and " * 5,
            predict("loops", *shapes),
            9999.0,
            2**40,
            1e-7,
        )
        for row in rows
    )
    text = str(AlgorithmComparison(compared(*((1, 1, 4, 4), (1, 1, 2, 2))).layer, huge, "loops"))
    assert max(map(len, text.splitlines())) <= 80


def test_loops_that_would_take_long_are_not_run() -> None:
    found = compared((2, 3, 8, 8), (4, 3, 3, 3), loops_macs=100)
    assert found.reference == "tiled-im2col"
    loops, im2col = found.rows[:2]
    assert loops.covered
    assert "raise loops_macs" in str(loops.why_not)
    assert (loops.seconds, im2col.seconds) == (None, 1.0)
    assert "not run: it would take long" in str(found)


def test_what_does_not_fit_is_said_and_not_run() -> None:
    shapes = (2, 3, 16, 16), (4, 3, 3, 3)
    budget = predict("tiled-im2col", *shapes, budget_bytes=1).peak_bytes
    rows = {row.name: row for row in compared(*shapes, budget_bytes=budget).rows}
    assert rows["im2col"].covered
    assert str(rows["im2col"].why_not).startswith("wants ")
    assert rows["im2col"].cost == predict("im2col", *shapes)
    tiled = rows["tiled-im2col"]
    assert tiled.why_not is None
    assert tiled.cost == predict("tiled-im2col", *shapes, budget_bytes=budget)


def test_the_same_seed_gives_the_same_differences() -> None:
    first, second, other = (
        [row.difference for row in compared((1, 2, 6, 6), (2, 2, 3, 3), rng=rng).rows]
        for rng in (3, np.random.default_rng(3), 4)
    )
    assert first == second != other


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"x_shape": (1, 3, 8, 8)}, ShapeError),
        ({"x_shape": (1, 2, 2, 2)}, ShapeError),
        ({"repeats": 0}, ArgumentError),
        ({"loops_macs": -1}, ArgumentError),
        ({"dtype": "int64"}, ArgumentError),
        ({"budget_bytes": 0}, ArgumentError),
    ],
)
def test_what_cannot_be_compared_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"x_shape": (1, 2, 8, 8), "weight_shape": (3, 2, 3, 3)}
    with pytest.raises(error):
        compare(**(arguments | change))


def test_the_peak_counts_what_is_gone_again_and_not_what_was_there() -> None:
    before = np.ones(300_000)

    def run() -> object:
        large = np.ones(100_000)
        del large
        return np.ones(50_000)

    assert 800_000 <= peak_of(run) < 900_000
    assert not tracemalloc.is_tracing()
    assert before.size


def test_somebody_elses_tracing_goes_on() -> None:
    tracemalloc.start()
    try:
        kept = np.ones(100_000)
        assert peak_of(lambda: np.ones(50_000)) < 500_000
        assert tracemalloc.is_tracing()
        assert kept.size
    finally:
        tracemalloc.stop()
