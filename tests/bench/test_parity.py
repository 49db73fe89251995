"""What is wrong is found, and has no time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minin.bench.parity import bound, error
from minin.bench.record import make_record
from minin.bench.table import table
from tests.bench.fakes import library, run_of

ONES = np.ones((2, 3))


@pytest.mark.parametrize(
    ("found", "wanted", "off"),
    [
        ([ONES], [ONES], 0.0),
        ([ONES * 1.5], [ONES], 0.5),
        ([ONES, ONES], [ONES], math.inf),
        ([ONES[:, :2]], [ONES], math.inf),
        ([ONES * np.nan], [ONES], math.inf),
        ([ONES * np.inf], [ONES], math.inf),
        ([ONES * 0.25], [ONES * 0], 0.25),
        ([np.array([1.0, 2.5])], [np.array([1.0, 2.0])], 0.25),
        ([], [], 0.0),
    ],
)
def test_the_error(found: Any, wanted: Any, off: float) -> None:
    assert error(found, wanted) == off


def test_in_the_mean_one_of_many_counts_little() -> None:
    wanted = np.ones(10_000)
    found = wanted.copy()
    found[7] = 2.0
    assert error([found], [wanted]) == 1.0
    assert error([found], [wanted], mean=True) == pytest.approx(0.01)


def test_longer_sums_and_shorter_numbers_may_be_further_off() -> None:
    assert bound("float64", 1) < bound("float64", 100) < bound("float32", 1)


@pytest.mark.parametrize(
    "spoil",
    [lambda x: x * 1.001, lambda x: x[:-1], lambda x: x * np.nan, lambda x: x[::-1]],
    ids=["factor", "shape", "nan", "order"],
)
def test_a_wrong_row_has_no_time(spoil: Any) -> None:
    run = run_of([library("right"), library("bad", spoil=spoil)])
    run.measure()
    rows = make_record(run)["rows"]
    assert {(row["library"], row["status"]) for row in rows} == {("right", "ok"), ("bad", "wrong")}
    for row in rows:
        assert (row["time"] is None) == (row["status"] == "wrong")
    shown = [line for line in table(make_record(run)) if line.startswith("  bad-plain")]
    assert len(shown) == 2
    for line in shown:
        assert "WRONG: error" in line
        assert " us" not in line
        assert " s " not in line
