"""Wrong gradients of uncommon sizes are seen, and right ones of the same sizes pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minin import gradcheck
from minin.gradcheck.measure.differences import measure

R = np.random.default_rng(3)
FEW, FAR = R.normal(size=20), 1e9 * np.linspace(0.7, 1.4, 12) * np.array([1, -1] * 6)
MIXED = np.array([1e4, 1.0, 1e-4])
STEEP = np.array([20.0, 15.0, -1.0])


def square(x: Any) -> Any:
    return x**2, x


def lifted(x: Any) -> Any:
    return x**2 + 1e10, x


def relu(x: Any) -> Any:
    return np.maximum(x, 0), x


def exp(x: Any) -> Any:
    return np.exp(x), x


def mixed(x: Any) -> Any:
    return x * MIXED, x


def cube(x: Any) -> Any:
    return x**3, x


def double(g: Any, x: Any) -> Any:
    return 2 * g * x


def half(g: Any, x: Any) -> Any:
    return g * x


def masked(g: Any, x: Any) -> Any:
    return g * (x > 0)


def unmasked(g: Any, _: Any) -> Any:
    return g * 1.0


CASES = {
    **{f"relu-{s:.0e}": (relu, masked, unmasked, s * FEW) for s in (1e-6, 1e-7, 1e-9)},
    **{f"square-{s:.0e}": (square, double, half, s * FEW) for s in (1e-7, 1e-9, 1e-12, 1.0)},
    "square-far": (square, double, half, FAR),
    "relu-far": (relu, masked, unmasked, FAR),
    "lifted": (lifted, double, half, FEW),
    "exp": (
        exp,
        lambda g, x: g * np.exp(x),
        lambda g, x: g * np.exp(x) * np.array([1, 1, 0]),
        STEEP,
    ),
    "mixed": (
        mixed,
        lambda g, _: g * MIXED,
        lambda g, _: g * MIXED * np.array([1, 1, 2]),
        np.array([0.3, 0.5, 0.7]),
    ),
    "cube-1e-07": (cube, lambda g, x: 3 * g * x**2, lambda g, x: g * x**2, 1e-7 * FEW),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_gradient_of_any_size_is_seen_and_a_right_one_passes(case: str) -> None:
    forward, right, wrong, x = CASES[case]
    for seed in range(3):
        good = gradcheck.check_backward(forward, right, [x], seed=seed)
        assert good.ok, str(good)
        assert good.lines[0].judged == x.size
        bad = gradcheck.check_backward(forward, wrong, [x], seed=seed)
        assert bad.findings, str(bad)
        assert "not judged" not in str(bad).lower()


def right_ones() -> dict[str, Any]:
    """Functions that are hard to measure, with their true slopes."""
    far = R.normal(size=12)
    return {
        "softplus": (lambda x: np.log(1 + np.exp(x)), lambda x: 1 / (1 + np.exp(-x)), 25 * far),
        "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, 12 * far),
        "log": (np.log, lambda x: 1 / x, 10.0 ** np.arange(-8, 4)),
        "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x), 10.0 ** np.arange(-8, 4)),
        "inverse": (lambda x: 1 / x, lambda x: -1 / x**2, 10.0 ** np.arange(-3, 3)),
        "cancels": (lambda x: (x**2 + 1e6) - 1e6, lambda x: 2 * x, far),
        "nothing": (lambda x: x - x, lambda x: 0 * x, far),
        "fast": (lambda x: np.sin(300 * x), lambda x: 300 * np.cos(300 * x), far),
        "square": (lambda x: x**2, lambda x: 2 * x, 10.0 ** np.arange(-12, 12)),
    }


@pytest.mark.parametrize("name", right_ones())
def test_functions_that_are_hard_to_measure_are_not_accused(name: str) -> None:
    f, slope, x = right_ones()[name]
    report = gradcheck.check_backward(
        lambda x: (f(x), x), lambda g, x: g * slope(x), [np.asarray(x)]
    )
    assert report.ok, str(report)


def test_nothing_judged_is_no_pass() -> None:
    report = gradcheck.check_backward(relu, masked, [np.zeros(6)])
    assert not report.ok
    assert "NOT MEASURED" in str(report)
    assert "PASSED" not in str(report)
    assert "random directions" not in str(report)


def test_what_cannot_be_measured_is_not_called_right() -> None:
    """All of the slope is lost in the rounding of the output, at every step."""
    x = np.linspace(1.0, 2.0, 8)
    for share in (1.0, 0.5):
        report = gradcheck.check_backward(
            lambda x: (1e-9 * np.sin(x) + 1e10, x),
            lambda g, x, share=share: share * 1e-9 * g * np.cos(x),
            [x],
        )
        assert not report.ok
        assert "dx  not judged" in str(report)
        assert "WRONG" not in str(report)


def test_a_smooth_function_is_no_kink_however_small_its_numbers() -> None:
    x = 1e-9 * FEW
    slopes = measure(lambda a: (a[0] ** 2, None), [x], 0, np.arange(20))
    assert not slopes.kinks().any()
    assert not slopes.crossed
    np.testing.assert_allclose(slopes.along(np.ones(20)), 2 * x, rtol=1e-6)


def test_every_entry_has_an_error_bar_of_its_own() -> None:
    slopes = measure(lambda a: (np.exp(a[0]), None), [STEEP], 0, np.arange(3))
    bars = slopes.bars(np.ones(3))
    assert np.all(bars < 1e-4 * np.exp(STEEP))
    assert np.all(np.abs(slopes.along(np.ones(3)) - np.exp(STEEP)) <= 4 * bars)
