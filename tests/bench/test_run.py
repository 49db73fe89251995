"""Rows take turns; what fails is told; what was measured survives Ctrl-C."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin.bench.libraries import Library
from minin.bench.record import make_record
from minin.bench.run import quick
from minin.bench.table import table
from minin.bench.visits import PAUSE, here
from tests.bench.fakes import COPIED, SQUARE, Ticks, library, run_of, subject
from tests.bench.results import faults


def test_libraries_take_turns_block_after_block_with_a_pause_between() -> None:
    log: list[str] = []

    def watched(name: str) -> Library:
        def put(x: Any) -> Any:
            log.append(name)
            return np.array(x)

        return library(name, put=put)

    run = run_of([watched("a"), watched("b")], blocks=5)
    run.block = lambda rows, seconds: here(
        rows, seconds, Ticks(), lambda pause: log.append(f"{pause} s")
    )
    run.measure()
    assert log == ["a", "b"] * 2 + ["a", "a", f"{PAUSE} s", "b", "b"] * 5  # checks, then blocks
    assert all(len(row.blocks) == 5 for row in run.rows)


def test_medians_are_those_of_the_clock() -> None:
    run = run_of([library("a", times=[2.0, 9.0, 2.0])])
    run.measure()
    for row in run.rows:
        found = row.summary()
        assert found is not None
        assert found["median"] in (2.0, 9.0)
        assert found["samples"] >= 5
    assert run.complete
    assert faults(make_record(run)) == []


def test_what_fails_says_why_and_stops_nobody() -> None:
    def broken(arrays: Any, _: str, __: str) -> Any:
        raise NotImplementedError("no such kernel in /some/where/deep")

    run = run_of([library("a")], [subject("broken", start=_only_float64(broken)), subject()])
    run.measure()
    record = make_record(run)
    assert [row["status"] for row in record["rows"]] == ["failed", "failed", "ok", "ok"]
    assert record["rows"][0]["reason"] == "NotImplementedError: no such kernel in"
    assert faults(record) == []


def _only_float64(otherwise: Any) -> Any:
    """Work for the reference, and not for what is measured."""

    def start(arrays: Any, way: str, rules: str) -> Any:
        if arrays[0].dtype == "float64":
            return lambda: [arrays[0]]
        return otherwise(arrays, way, rules)

    return start


class StopsAfter:
    """Presses Ctrl-C at the n-th visit."""

    def __init__(self, visits: int) -> None:
        self.left = visits

    def __call__(self, line: str) -> None:
        if ":" in line:  # a visit is over
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt


@pytest.mark.parametrize(("visits", "timed"), [(0, 0), (18, 3), (19, 4), (29, 4)])
def test_ctrl_c_keeps_what_was_measured(visits: int, timed: int) -> None:
    run = run_of([library("a"), library("b")], blocks=8)
    run.say = StopsAfter(visits)
    with pytest.raises(KeyboardInterrupt):
        run.measure()
    record = make_record(run)
    assert not record["complete"]
    assert faults(record) == []
    assert {row["status"] for row in record["rows"]} == {"unfinished"}
    assert sum(row["time"] is not None for row in record["rows"]) == timed
    left = [row["partial"] for row in record["rows"] if row["time"] is None]
    assert sum(map(len, left)) == (visits + 1 - 5 * timed if timed < 4 else 0)
    assert any("INCOMPLETE" in line for line in table(record))


def test_a_device_has_transfers_and_a_host_has_none() -> None:
    run = run_of([library("host"), library("there", device="cuda:0")])
    run.measure()
    for row in make_record(run)["rows"]:
        assert (row["transfer"] is None) == (row["library"] == "host")
        if row["transfer"]:
            assert row["transfer"]["bytes"] == 2 * 4 * row["shape"][0]
            assert row["transfer"]["to"]["samples"] == 5


def test_a_share_needs_ceilings_of_the_same_run() -> None:
    without = run_of([library("a")])
    without.measure()
    assert all(row["share"] is None for row in make_record(without)["rows"])
    run = run_of([library("a", times=[1e-3])], ceilings=True)
    run.measure()
    record = make_record(run)
    assert [(one["of"], one["status"]) for one in record["ceilings"]] == [
        ("product", "ok"),
        ("copy", "ok"),
    ]
    assert record["ceilings"][0]["rate"] == pytest.approx(2 * SQUARE**3 / 1e-3)
    assert record["ceilings"][1]["rate"] == pytest.approx(2 * COPIED * 4 / 1e-3)
    # 3 numbers doubled: 24 bytes at the copy's rate take longer than 3 FLOP at the product's
    assert record["rows"][0]["share"] == {"of": "copy", "value": pytest.approx(24 / (8 * COPIED))}


def test_the_quick_protocol_divides_its_seconds() -> None:
    for rows in (1, 10, 100, 1000):
        found = quick(rows)
        assert found.blocks >= 5
        assert rows * found.blocks * found.visit_seconds <= 4.0 + 1e-9
