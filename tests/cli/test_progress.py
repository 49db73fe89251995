"""Which epochs get a row, and that a row fits its header."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minin.cli.progress import HEADER, row, shown_epochs
from minin.train import Epoch


@given(st.integers(1, 10_000))
def test_the_first_and_last_and_few_between(epochs: int) -> None:
    shown = sorted(shown_epochs(epochs))
    assert shown[0] == 1
    assert shown[-1] == epochs
    assert len(shown) <= 7
    assert len(shown) >= min(epochs, 4)


def test_a_row_is_as_wide_as_its_header() -> None:
    epoch = Epoch(3, 0.12345, 0.5, None, 0.1, 1.0, 12345.6)
    assert row(epoch, 20) == "   3/20  0.1235  50.0%      -    12,346"
    assert len(row(epoch, 20)) == len(HEADER) <= 39
