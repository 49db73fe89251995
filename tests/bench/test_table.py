"""Tables and comparisons fit every terminal, and lose no number."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from minin.bench.compare import compare, verdict
from minin.bench.record import make_record
from minin.bench.table import table
from tests.bench.fakes import library, run_of

Record = dict[str, Any]


@pytest.fixture(scope="module")
def record() -> Record:
    times = [1.5e-3, 1.5e-3, 1.5e-3, 1.6e-3, 1.6e-3, 1.4e-3, 1.4e-3]
    run = run_of(
        [
            library("host", times),
            library("there", [1e-4], device="cuda:0", facts={"gpu": "A GPU of some make"}),
            library("bad", times, spoil=lambda x: x + 1),
        ],
        ceilings=True,
    )
    run.measure()
    return make_record(run)


@pytest.mark.parametrize("width", [24, 30, 40, 60, 75, 76, 78])
def test_every_width(record: Record, width: int) -> None:
    lines = table(record, width)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for part in ("1.50 ms", "100 us", "WRONG", "skipped dask: cannot be waited for", "copy"):
        assert part in text
    assert text.isascii()


def test_what_a_row_shows(record: Record) -> None:
    (line,) = [x for x in table(record) if x.startswith("  host-plain")][:1]
    name, median, unit, *_ = line.split()
    assert (name, median, unit) == ("host-plain", "1.50", "ms")
    assert "GB/s" in line
    assert line.endswith("0")  # doubling is exact


def test_transfers_and_break_even_are_shown(record: Record) -> None:
    text = " ".join(" ".join(table(record)).split())
    assert "transfer double forward, tiny float32, there-plain: to" in text
    assert "there-plain is faster at every size (on the device; against host-plain)" in text
    assert "A GPU of some make" in text


@pytest.mark.parametrize("width", [24, 40, 69, 70, 78])
def test_a_comparison_fits_every_width(record: Record, width: int) -> None:
    other = copy.deepcopy(record)
    other["environment"]["processor"] = "Another processor @ 9 GHz"
    other["environment"]["versions"]["numpy"] = "9.9"
    lines = compare(record, other, width)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "Another processor @ 9 GHz" in text
    assert "differs: numpy:" in text
    assert "1.00 same" in text


def test_the_same_result_twice_is_the_same(record: Record) -> None:
    text = " ".join(" ".join(compare(record, record)).split())
    assert "machine, versions and settings are the same" in text
    assert "0 faster and 0 slower" in text


@pytest.mark.parametrize(("factor", "word"), [(3.0, "slower"), (0.3, "faster"), (1.05, "same")])
def test_a_difference_counts_beyond_the_spreads(record: Record, factor: float, word: str) -> None:
    other = copy.deepcopy(record)
    for row in other["rows"]:
        if row["library"] == "host":
            row["time"]["median"] *= factor
    lines = [line for line in compare(record, other) if "host-plain" in line]
    assert lines
    assert all(line.endswith(f"{factor:.2f}  {word}") for line in lines)


@pytest.mark.parametrize(
    ("one", "two", "word"),
    [
        ((1.0, 0.1), (1.05, 0.01), "same"),
        ((1.0, 0.01), (1.05, 0.1), "same"),
        ((1.0, 0.01), (1.05, 0.01), "slower"),
        ((1.0, 0.01), (0.95, 0.01), "faster"),
    ],
)
def test_the_verdict(one: tuple[float, float], two: tuple[float, float], word: str) -> None:
    a, b = ({"median": m, "spread": s} for m, s in (one, two))
    assert verdict(a, b) == word


def test_rows_of_one_side_only_are_counted(record: Record) -> None:
    other = copy.deepcopy(record)
    other["rows"] = other["rows"][:1]
    other["complete"] = False
    text = " ".join(" ".join(compare(record, other)).split())
    assert "Only in the first: 5; only in the second: 0." in text
    assert "the second result is incomplete" in text
