"""The learning rate over time: its peak, its ends, and no jump."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin.train.rate import rate


@given(st.integers(1, 500), st.floats(0, 0.99), st.floats(1e-4, 10))
def test_it_is_positive_climbs_to_the_peak_and_descends(
    steps: int, warm_up: float, peak: float
) -> None:
    rates = [rate(step, steps, peak, warm_up) for step in range(steps)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(peak)
    assert min(rates) > 0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top == int(warm_up * steps)


def test_without_warm_up_the_first_step_is_the_longest() -> None:
    assert rate(0, 4, 1.0, 0.0) == 1.0
    assert rate(3, 4, 1.0, 0.0) == 0.25
