"""The learning rate of a run: its peak, its ends, and what a recipe can make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import train
from minin.errors import ArgumentError
from minin.train.rate import shares


@given(st.integers(1, 20), st.integers(1, 25), st.floats(0, 0.99))
def test_it_is_positive_climbs_to_the_peak_and_descends(
    epochs: int, per_epoch: int, warm_up: float
) -> None:
    share = shares(train.Options(epochs=epochs, warm_up=warm_up), per_epoch)
    steps = epochs * per_epoch
    rates = [share(step) for step in range(steps)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(1.0)
    assert min(rates) > 0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top == int(warm_up * steps)


def test_without_warm_up_the_first_step_is_the_longest() -> None:
    share = shares(train.Options(epochs=2, warm_up=0.0), 2)
    assert [share(step) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]


def test_milestones_are_epochs() -> None:
    options = train.Options(epochs=4, schedule="steps", milestones=(1, 3), warm_up=0.0)
    share = shares(options, 2)
    assert [share(step) for step in range(8)] == pytest.approx(
        [1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]
    )


def test_a_milestone_in_the_warm_up_is_refused() -> None:
    options = train.Options(epochs=4, schedule="steps", milestones=(1,), warm_up=0.5)
    with pytest.raises(ArgumentError, match="after the warm-up"):
        shares(options, 2)
