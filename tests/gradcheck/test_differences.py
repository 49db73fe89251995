"""Slopes: right where there are any, and honest where there are none."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from minin.gradcheck.measure.differences import measure
from minin.gradcheck.measure.steps import (
    STEP,
    WORK,
    along,
    choose_step,
    complex_along,
    pick_entries,
)


def look(f: Any) -> Any:
    return lambda arrays: (np.asarray(f(*arrays)), None)


def every(x: Any) -> Any:
    return np.arange(x.size)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (lambda x: x**3, lambda x: 3 * x**2),
        (np.log, lambda x: 1 / x),
    ],
)
def test_smooth_slopes_are_right_within_their_error_bar(f: Any, slope: Any) -> None:
    x = np.linspace(0.3, 2.0, 12).reshape(3, 4)
    g = np.random.default_rng(0).normal(size=x.shape)
    slopes = measure(look(f), [x], 0, every(x))
    off = np.abs(slopes.along(g) - (slope(x) * g).ravel())
    assert not slopes.kinks().any()
    assert off.max() <= 4 * slopes.error(g) + 1e-12
    assert slopes.error(g) < 1e-7


def test_a_kink_is_set_aside_and_its_sides_are_known() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    slopes = measure(look(lambda x: np.maximum(x, 0)), [x], 0, every(x))
    assert slopes.kinks().tolist() == [False, True, False]
    left, right = slopes.sides(np.ones(3))
    np.testing.assert_allclose([left[1], right[1]], [0, 1], atol=1e-6)


@pytest.mark.parametrize("near", [3e-8, -3e-8, 1e-7, -2e-6, 5e-6])
def test_a_kink_nearby_is_stepped_around(near: float) -> None:
    x = np.array([near, 1.0])
    slopes = measure(look(lambda x: np.maximum(x, 0)), [x], 0, every(x))
    assert not slopes.kinks().any()
    np.testing.assert_allclose(slopes.along(np.ones(2)), [float(near > 0), 1.0], atol=1e-5)
    assert slopes.crossed == 1


def test_declared_branches_decide() -> None:
    def with_branches(arrays: Any) -> Any:
        x = arrays[0]
        return x * 1.0, (np.packbits(x > 0).tobytes(),)

    slopes = measure(with_branches, [np.array([0.0, 1.0])], 0, np.arange(2))
    assert slopes.kinks().tolist() == [True, False]


def test_the_complex_step_is_exact_where_it_works() -> None:
    x = np.linspace(0.3, 2.0, 5)
    exact = complex_along(look(lambda x: np.exp(x) / x), [x], [np.ones(5)])
    assert exact is not None
    np.testing.assert_allclose(exact, np.exp(x) / x - np.exp(x) / x**2, rtol=1e-14)
    assert complex_along(look(lambda x: np.array([float(v) for v in x])), [x], [x]) is None


def test_a_sharp_function_gets_a_smaller_step() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(-0.001, 0.001, 6)
    steep = choose_step(look(lambda x: np.tanh(2e4 * x)), [x], rng)
    assert steep < STEP == choose_step(look(np.sin), [x], rng)


def test_directions_agree_with_entries() -> None:
    x, d = np.linspace(0.2, 1, 6), np.linspace(-1, 1, 6)
    dense = measure(look(np.sin), [x], 0, every(x)).jacobian.T @ d
    np.testing.assert_allclose(along(look(np.sin), [x], [d], STEP), dense, atol=1e-8)


def test_all_entries_are_moved_when_the_work_allows_it_and_none_when_it_does_not() -> None:
    rng, x = np.random.default_rng(0), np.ones((7, 9))
    assert [len(e) for e in pick_entries(look(np.sin), [x], WORK, rng)] == [63]
    assert [len(e) for e in pick_entries(look(np.sin), [x], 0, rng)] == [0]


def test_a_busy_machine_measures_what_an_idle_one_does() -> None:
    def slow(x: Any) -> Any:
        time.sleep(0.03)
        return np.sin(x)

    rng, x = np.random.default_rng(0), np.ones((7, 9))
    assert [len(e) for e in pick_entries(look(slow), [x], WORK, rng)] == [63]


def test_what_a_look_computes_in_python_is_counted() -> None:
    def loops(x: Any) -> Any:
        total = np.zeros(1)
        for _ in range(WORK // 100):
            total = total + 1
        return total * x

    rng, x = np.random.default_rng(0), np.ones((7, 9))
    assert 4 <= len(pick_entries(look(loops), [x], WORK, rng)[0]) < 63


def test_the_arrays_are_left_as_they_were() -> None:
    x = np.linspace(0, 1, 5)
    before = x.copy()
    measure(look(np.sin), [x], 0, every(x))
    np.testing.assert_array_equal(x, before)
