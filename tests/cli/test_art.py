"""Pictures made of characters: sizes, extremes, and what is no number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minin.cli.art import RAMP, beside, draw, enlarge, explain, shrink


@given(st.integers(1, 70), st.integers(1, 70))
def test_shrinking_keeps_the_mean_and_the_limit(h: int, w: int) -> None:
    small = shrink(np.full((h, w), 3.0))
    assert max(small.shape) <= 16
    np.testing.assert_allclose(small, 3.0)


def test_shrinking_averages_squares() -> None:
    plane = np.arange(16.0).reshape(4, 4)
    np.testing.assert_array_equal(shrink(plane, tallest=2), [[2.5, 4.5], [10.5, 12.5]])


def test_a_small_image_stays() -> None:
    plane = np.arange(64.0).reshape(8, 8)
    np.testing.assert_array_equal(shrink(plane), plane)


def test_enlarging_repeats() -> None:
    np.testing.assert_array_equal(
        enlarge(np.array([[1, 2], [3, 4]]), 2, 6), [[1, 1, 1, 2, 2, 2], [3, 3, 3, 4, 4, 4]]
    )


@given(arrays(float, (3, 5)), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_any_numbers_can_be_drawn(plane: npt.NDArray[np.float64], low: float, span: float) -> None:
    with np.errstate(all="ignore"):
        lines = draw(plane, low, low + span)
    assert [len(line) for line in lines] == [10, 10, 10]
    assert set("".join(lines)) <= set(RAMP)


def test_what_does_not_fit_beside_goes_below() -> None:
    one, two = ("a", ["11", "22"]), ("b", ["33", "44"])
    assert beside([one, two], 6) == ["a", "11", "22", "b", "33", "44"]


@pytest.mark.parametrize("columns", [24, 40, 68, 78])
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 224, 224)])
def test_an_explanation_fits(shape: tuple[int, int, int], columns: int) -> None:
    maps = [("one", np.eye(3)), ("two", -np.eye(3))]
    lines = explain(np.full(shape, 255, np.uint8), 255, maps, columns)
    assert max(map(len, lines)) <= columns
    assert any("@" in line for line in lines)
