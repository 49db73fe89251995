"""Medians, quartiles and ratios, and that few rounds give none of them."""

from __future__ import annotations

import pytest

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.summary import ratios, summarise


def test_medians_and_quartiles_are_right() -> None:
    assert summarise([9.0, 1.0, 3.0, 7.0, 5.0]) == {
        "median": 5.0,
        "quartiles": [3.0, 7.0],
        "least": 1.0,
        "most": 9.0,
        "rounds": [9.0, 1.0, 3.0, 7.0, 5.0],
    }


@pytest.mark.parametrize("count", range(5))
def test_fewer_than_five_rounds_give_no_number(count: int) -> None:
    with pytest.raises(RefusedError, match=f"fewer than 5 rounds; there are {count}"):
        summarise([1.0] * count)


def test_ratios_are_taken_round_by_round() -> None:
    # The machine halves its speed for two rounds; the ratio does not notice, the medians would.
    mine, theirs = [1.0, 2.0, 2.0, 1.0, 1.0], [2.0, 4.0, 4.0, 2.0, 2.0]
    assert ratios(mine, theirs) == [0.5] * 5
    mine, theirs = [1.0, 10.0, 3.0, 4.0, 5.0], [10.0, 1.0, 3.0, 2.0, 10.0]
    assert summarise(ratios(mine, theirs))["median"] == 1.0


def test_rounds_that_do_not_belong_together_are_not_divided() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])
